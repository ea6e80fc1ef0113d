__thread int shared = 100;
