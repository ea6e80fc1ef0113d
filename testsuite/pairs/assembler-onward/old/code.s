	.text
	.globl	twice
	.type	twice, @function
	.p2align 4
twice:	lea	(%rdi,%rdi), %eax
	ret
	.size	twice, .-twice
	.section .note.GNU-stack,"",@progbits
