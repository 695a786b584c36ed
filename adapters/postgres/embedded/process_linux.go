package embedded

import "syscall"

// endWithParent has the kernel send SIGINT, PostgreSQL's fast shutdown, to the
// child when the thread that started it ends.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// watchParent has nothing to do: the kernel does it.
func watchParent(int) (release func()) { return func() {} }
