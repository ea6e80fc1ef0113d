/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instructions of every encoding and immediate, most with an operand relative to %rip, see unit-insn.t. */
	.section .text.f,"ax"
	.globl f
	.type f,@function
f:
	cmpps $1,x(%rip),%xmm0
	pshufd $1,x(%rip),%xmm9
	pshufw $1,x(%rip),%mm1
	palignr $3,x(%rip),%xmm2
	vpermilps $1,x(%rip),%ymm3
	vinsertf128 $1,x(%rip),%ymm9,%ymm3
	vcmpps $1,x(%rip),%ymm9,%ymm3
	vpblendvb %ymm1,x(%rip),%ymm2,%ymm3
	vpternlogd $5,x(%rip),%zmm1,%zmm2
	vpsrlw $3,x(%rip),%zmm0
	vpslld $3,x(%rip),%zmm20
	vprold $3,x(%rip),%zmm20
	vpsrlq $3,x(%rip),%zmm20
	vcmpps $1,x(%rip),%zmm9,%k3
	vpermb x(%rip),%zmm1,%zmm2
	vfpclasspsz $1,x(%rip),%k1
	vaddph x(%rip),%zmm1,%zmm2
	vfmaddcph x(%rip),%zmm1,%zmm2
	rorx $3,x(%rip),%eax
	bextr $0x12345,x(%rip),%eax
	vpcomb $1,x(%rip),%xmm1,%xmm2
	vprotb $1,x(%rip),%xmm1
	vphaddbw x(%rip),%xmm1
	imul $5,x(%rip),%eax
	imul $500,x(%rip),%eax
	imul $500,x(%rip),%ax
	imul $500,x(%rip),%r12
	cmpw $300,x(%rip)
	cmpw $3,x(%rip)
	cmpl $300,x(%rip)
	movw $300,x(%rip)
	movb $3,x(%rip)
	movl $3,x(%rip)
	movq $3,x(%rip)
	movq %r13,%fs:x(%rip)
	testb $1,x(%rip)
	testw $1,x(%rip)
	testl $1,x(%rip)
	testq $1,x(%rip)
	notl x(%rip)
	negb x(%rip)
	mull x(%rip)
	btl $1,x(%rip)
	lock btsq $7,x(%rip)
	shld $3,%eax,x(%rip)
	shrd $3,%eax,x(%rip)
	shrd %cl,%eax,x(%rip)
	pinsrw $1,x(%rip),%xmm0
	pinsrd $1,x(%rip),%xmm0
	pextrd $1,%xmm0,x(%rip)
	shufps $1,x(%rip),%xmm0
	roll $3,x(%rip)
	roll x(%rip)
	roll %cl,x(%rip)
	sarw $3,x(%rip)
	lock cmpxchg %eax,x(%rip)
	lock cmpxchg16b x(%rip)
	xadd %eax,x(%rip)
	crc32l x(%rip),%eax
	movbe x(%rip),%eax
	fldl x(%rip)
	fnstcw x(%rip)
	lea x(%rip),%eax
	lea x(%rip),%r15
	leaw x(%rip),%ax
	call *x(%rip)
	jmp *x(%rip)
	push x(%rip)
	pop x(%rip)
	incl x(%rip)
	decb x(%rip)
	movzbl x(%rip),%eax
	movslq x(%rip),%rax
	prefetcht0 x(%rip)
	clflush x(%rip)
	sgdt x(%rip)
	ldmxcsr x(%rip)
	cvtsi2sdl x(%rip),%xmm1
	sete x(%rip)
	enter $5,$3
	movabs $0x1234567890,%rax
	movabs 0x1234567890,%al
	mov $5,%ax
	mov $5,%r9
	ret $4
	loop .
	jrcxz .
	jne f
	jne ff
	xbegin ff
	call ff
	xabort $3
	in $3,%al
	bnd jmp ff
	notrack jmp *%rax
	addr32 call ff
	.byte 0x66,0x66,0x48; call ff
	vzeroupper
	kmovw x(%rip),%k1
	kshiftlw $3,%k1,%k2
	extractps $1,%xmm0,x(%rip)
	aeskeygenassist $1,x(%rip),%xmm0
	sha1rnds4 $1,x(%rip),%xmm0
	vpgatherdd %xmm0,(%rax,%xmm1),%xmm2
	vpclmulqdq $1,x(%rip),%zmm1,%zmm2
	vgf2p8affineqb $1,x(%rip),%zmm1,%zmm2
	pclmulqdq $1,x(%rip),%xmm1
	.byte 0x66,0x90
	rep xcryptecb
	xstorerng
	ud2
	ud1 x(%rip),%eax
	.size f,.-f
	.section .text.ff,"ax"
	.globl ff
	.type ff,@function
ff:	ret
	.size ff,.-ff
	.data
	.zero 64
	.globl x
	.type x,@object
x:	.zero 64
	.size x,64
	.section .note.GNU-stack,"",@progbits
