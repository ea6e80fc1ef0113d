class Reader {
public:
	explicit Reader(const char *text) : text(text) {}
	int sum();

private:
	int number(int at, int limit);
	const char *text;
};
