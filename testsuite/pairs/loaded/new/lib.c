int limited(int n) { return n < 7 ? n : 7; }
