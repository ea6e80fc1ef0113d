int limited(int n) { return n < 5 ? n : 5; }
