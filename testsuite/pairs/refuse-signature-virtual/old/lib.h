struct shape {
	virtual ~shape();
	virtual int area(int) const;
};
shape *make();
