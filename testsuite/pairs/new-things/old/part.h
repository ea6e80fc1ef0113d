int nothing(void);
