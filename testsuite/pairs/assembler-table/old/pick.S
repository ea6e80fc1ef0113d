/* Jump tables of code whose labels have no size: one that is not aligned, and one whose distances are counted from below it,
 * since its index begins with 2; the last case has no label. */
	.text
	.globl	pick
	.p2align 4
pick:
	cmp	$2, %edi
	jae	high
	lea	table(%rip), %rax
	mov	%edi, %edi
	movslq	(%rax,%rdi,4), %rdx
	add	%rax, %rdx
	jmp	*%rdx
case_0:
	mov	$10, %eax
	ret
case_1:
	mov	$11, %eax
	ret
high:
	lea	high_table - 8(%rip), %rax
	mov	%edi, %edi
	movslq	(%rax,%rdi,4), %rdx
	add	%rax, %rdx
	jmp	*%rdx
	.skip	64, 0x90
case_2:
	mov	$12, %eax
	ret
	mov	$13, %eax
	ret
	.globl	last
last:	ret
	.skip	64, 0x90

	.section .rodata
	.p2align 2
	.skip	2
table:	.long	case_0 - table, case_1 - table
	.p2align 4
	.skip	8
high_table: .long case_2 - (high_table - 8), case_2 + 6 - (high_table - 8)

	.section .note.GNU-stack, "", @progbits
