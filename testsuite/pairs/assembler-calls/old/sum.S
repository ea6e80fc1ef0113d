/* Functions of one section: no relocation tells that sum calls helper, reads step, and ends in tail. */
	.text
	.type	helper, @function
helper:
	push	%rbx
	lea	(%rdi, %rdi), %eax
	mov	$5, %ebx
	add	%ebx, %eax
	pop	%rbx
	ret
	.size	helper, .-helper

	.globl	sum
	.type	sum, @function
sum:
	push	%rbx
	xor	%ebx, %ebx
	cmp	$100, %edi
	ja	1f
	call	helper
	jmp.d32	tail
1:	mov	step(%rip), %eax
	pop	%rbx
	ret
	.size	sum, .-sum

	.type	tail, @function
tail:
	add	$1, %eax
	pop	%rbx
	ret
	.size	tail, .-tail

	.type	step, @object
step:	.long	100
	.size	step, 4

	.section .note.GNU-stack, "", @progbits
