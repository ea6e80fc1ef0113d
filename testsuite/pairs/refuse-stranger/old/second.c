int (*other)(int);

void hold_other(void)
{
}
