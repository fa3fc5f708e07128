//! The seccomp part: calls that fail with EPERM in the sandbox.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, sock_filter,
};

use super::SandboxError;

/// Calls that no compiler needs, and by which a program could get around the fence, reach the network
/// or other programs, outlive its group, or change the machine.
const DENIED: &[libc::c_long] = &[
    // Any socket but a pair between parent and child.
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    // io_uring does all of these without the filter seeing it.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // Other programs.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // Leaving the group, which the time-out kills.
    libc::SYS_setsid,
    libc::SYS_setpgid,
    // Keys.
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    // Mounts and namespaces.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_setns,
    libc::SYS_unshare,
    // Files by another way than their path.
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_fanotify_init,
    libc::SYS_quotactl,
    // Owners and attributes, which Landlock does not fence.
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    libc::SYS_mknodat,
    // The kernel and the machine.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mknod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_kexec_file_load,
];

/// `fchmodat2`, newer than the C library's table on some machines. The same number everywhere.
const SYS_FCHMODAT2: libc::c_long = 452;

/// The one mode that a path may be given: linkers make what they wrote executable for its owner
/// (the sandbox's umask takes the rest away). It opens no file to anybody.
const OWNER_ALL_MODE: u64 = 0o700;

/// Set-user-id, set-group-id and sticky.
const SPECIAL_MODE_BITS: u64 = 0o7000;

/// From here on, x86-64 kernels take calls of the x32 flavour, by other numbers than the ones above.
const X32_FIRST_CALL: u32 = 0x4000_0000;

/// Compiles the filter for this machine.
pub(super) fn filter() -> Result<BpfProgram, SandboxError> {
    let unavailable = |error: &dyn std::fmt::Display| SandboxError::Unavailable {
        missing: format!("a seccomp filter ({error})"),
    };
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|e| unavailable(&e))?;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        DENIED.iter().map(|&call| (call, Vec::new())).collect();
    let chmods: &[(libc::c_long, u8)] = &[
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_chmod, 1),
        (libc::SYS_fchmodat, 2),
        (SYS_FCHMODAT2, 2),
    ];
    for &(call, argument) in chmods {
        rules.insert(
            call,
            vec![when(argument, SeccompCmpOp::Ne, OWNER_ALL_MODE).map_err(|e| unavailable(&e))?],
        );
    }
    // By descriptor it needs an opened file; copying a file sets the copy's mode this way.
    let special = [0o4000_u64, 0o2000, 0o1000].map(|bit| when(1, SeccompCmpOp::MaskedEq(bit), bit));
    debug_assert_eq!(SPECIAL_MODE_BITS, 0o4000 | 0o2000 | 0o1000);
    rules.insert(
        libc::SYS_fchmod,
        special.into_iter().collect::<Result<_, _>>().map_err(|e| unavailable(&e))?,
    );

    let denied = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, denied, arch)
        .map_err(|e| unavailable(&e))?;
    let program = BpfProgram::try_from(filter).map_err(|e| unavailable(&e))?;
    let mut whole = x32_calls_denied();
    whole.extend(program);
    Ok(whole)
}

fn when(
    argument: u8,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, seccompiler::BackendError> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)?;
    SeccompRule::new(vec![condition])
}

/// The filter compiler compares call numbers one by one, so the range is put in front by hand.
fn x32_calls_denied() -> BpfProgram {
    const LOAD_CALL_NUMBER: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const JUMP_IF_AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    vec![
        sock_filter { code: LOAD_CALL_NUMBER, jt: 0, jf: 0, k: 0 },
        sock_filter { code: JUMP_IF_AT_LEAST, jt: 0, jf: 1, k: X32_FIRST_CALL },
        sock_filter {
            code: RETURN,
            jt: 0,
            jf: 0,
            k: libc::SECCOMP_RET_ERRNO | libc::EPERM.unsigned_abs(),
        },
    ]
}

/// Whether the kernel has seccomp filters that can answer with an error.
pub(super) fn available() -> bool {
    let action: u32 = libc::SECCOMP_RET_ERRNO;
    #[expect(unsafe_code, reason = "asks the kernel; it only reads the four bytes of `action`")]
    let answer = unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action)
    };
    answer == 0
}
