/* What only assembler code uses needs no symbol: a mask, a counter, and a constant behind the code. */
	.text
	.globl	sum
	.type	sum, @function
	.p2align 4
sum:
	mov	%edi, %eax
	and	.Lmask(%rip), %eax
	add	.Lstep(%rip), %eax
	incl	.Lcalls(%rip)
	ret
	.size	sum, .-sum
	.p2align 5
.Lstep:	.long	100

	.globl	calls
	.type	calls, @function
	.p2align 4
calls:
	mov	.Lcalls(%rip), %eax
	ret
	.size	calls, .-calls

	.data
	.globl	limit
	.type	limit, @object
	.size	limit, 4
limit:	.long	3
	.p2align 5
.Lmask:	.quad	0xff, 0xff
.Lcalls: .long	7

	.section .note.GNU-stack, "", @progbits
