# Each goes on in the next one: in the first with nops between.
	.text
	.globl	more
	.type	more, @function
	.p2align 4
more:	add	$1, %edi
	.size	more, .-more
	.p2align 4
	.type	most, @function
most:	add	$10, %edi
	.size	most, .-most
	.globl	twice
	.type	twice, @function
twice:	lea	(%rdi,%rdi), %eax
	ret
	.size	twice, .-twice
	.section .note.GNU-stack,"",@progbits
