int bee(int n), bee_again(int n), cat(int n), cat_again(int n), dog(int n), dog_again(int n);
