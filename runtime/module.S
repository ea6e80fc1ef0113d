/* SPDX-License-Identifier: MIT */
/*
 * The module's own things for modules that are not compiled with the plugin: arena, reserve, registry, note and startup
 * stub, in the same sections, COMDAT group and names, so that a module that has both gets one copy. Goes into
 * libhotpatch.a; `-Wl,-u,__hp_stub -lhotpatch` takes it into a module.
 *
 * The stub starts from .init_array here, because one object must serve executables and shared libraries.
 * HP_STORE, HP_ARENA, HP_RESERVE, HP_TLS: the default store, and sizes in bytes.
 */
#ifndef HP_STORE
#define HP_STORE "/var/lib/hotpatch"
#endif
#ifndef HP_ARENA
#define HP_ARENA 65536
#endif
#ifndef HP_RESERVE
#define HP_RESERVE 524288
#endif
#ifndef HP_TLS
#define HP_TLS 64
#endif
#define HP_CHUNK 512
#define HP_VERSION 4                    /* HP_ABI_VERSION of abi.h, which is C */

	.section hp_arena,"axG",@progbits,__hotpatch_v1,comdat
	.p2align 4,0xcc
	.rept HP_ARENA / HP_CHUNK
	.cfi_startproc                          /* one byte only: debuggers must not take the entry for new code's */
	.skip 1,0xcc
	.cfi_endproc
	.skip HP_CHUNK - 1,0xcc
	.endr

	.section hp_reserve,"awG",@nobits,__hotpatch_v1,comdat
	.p2align 12
	.skip HP_RESERVE

	.section .tbss.hotpatch,"awTG",@nobits,__hotpatch_v1,comdat
	.p2align 4
	.weak __hp_tls
	.hidden __hp_tls
	.type __hp_tls,@object
__hp_tls:
	.skip HP_TLS
	.size __hp_tls,.-__hp_tls

	.section hp_registry,"awG",@progbits,__hotpatch_v1,comdat
	.p2align 3
	.weak __hp_registry
	.hidden __hp_registry
	.type __hp_registry,@object
__hp_registry:
	.long 0x52505048,HP_VERSION
	.skip 184
	.size __hp_registry,.-__hp_registry

	.section .note.hotpatch,"aG",@note,__hotpatch_v1,comdat
	.p2align 2
	.long 9,168,1
	.asciz "HOTPATCH"
	.p2align 2
.Lnote:
	.long HP_VERSION
	.irp place,__start_hp_arena,__stop_hp_arena,__start_hp_reserve,__stop_hp_reserve,__hp_registry,__hp_stub
	.hidden \place
	.long \place-.Lnote
	.endr
	.long HP_CHUNK,__hp_tls@dtpoff,HP_TLS
	.skip 128

	.section hp_stub,"axG",@progbits,__hotpatch_v1,comdat
	.p2align 4
	.weak __hp_stub
	.hidden __hp_stub
	.type __hp_stub,@function
__hp_stub:
	.cfi_startproc
	.cfi_undefined rip
	endbr64
	leaq .Lnote(%rip),%rcx
	leaq .Lstore(%rip),%r8
	jmp .Lblob
	.p2align 6
.Lblob:
	.incbin "stub-blob.bin"
	.cfi_endproc
.Lstore:
	.asciz HP_STORE
	leaq __hp_tls@tlsld(%rip),%rdi          /* never run, see tls_use_print() of the plugin */
	.weak __tls_get_addr
	call __tls_get_addr@PLT
	.size __hp_stub,.-__hp_stub

	.section .init_array.00000,"awG",@init_array,__hotpatch_v1,comdat
	.p2align 3
	.quad __hp_stub

	.section .note.GNU-stack,"",@progbits
