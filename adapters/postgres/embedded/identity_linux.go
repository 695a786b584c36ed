package embedded

import (
	"os/user"
	"strconv"
	"syscall"
)

// namespaceIdentity shows root as an ordinary account to the programs it runs.
// The account must exist: initdb and the server look up its name.
func namespaceIdentity() (identity, bool) {
	for _, name := range []string{"nobody", "postgres"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(account.Uid)
		if err != nil {
			continue
		}
		gid, err := strconv.Atoi(account.Gid)
		if err != nil {
			continue
		}
		return identity{
			name: "root seen as " + name + " in a user namespace",
			apply: func(attr *syscall.SysProcAttr) {
				attr.Cloneflags |= syscall.CLONE_NEWUSER
				attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: 0, Size: 1}}
				attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: 0, Size: 1}}
			},
		}, true
	}
	return identity{}, false
}
