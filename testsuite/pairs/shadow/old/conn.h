struct conn { int number, uses; };
int use_conn(struct conn *c);
void end_conn(struct conn *c);
void hp_wait(void);
