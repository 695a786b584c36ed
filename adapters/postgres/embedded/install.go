package embedded

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// NotFoundError says that no usable PostgreSQL server programs are installed.
type NotFoundError struct {
	// Major is the one version that would do, 0 for any supported one.
	Major int
	// Rejected lists what was found and why it does not do.
	Rejected []string
	// Install is the exact command that installs PostgreSQL on this system.
	Install string
}

// Error implements error.
func (e *NotFoundError) Error() string {
	var b strings.Builder
	if e.Major != 0 {
		fmt.Fprintf(&b, "PostgreSQL %d, to which the data directory belongs, is not installed", e.Major)
	} else {
		fmt.Fprintf(&b, "PostgreSQL %d or newer is not installed", MinimumMajor)
	}
	fmt.Fprintf(&b, "; install it with: %s; or set DATABASE_URL to a server, or %s to the directory of postgres and initdb", e.Install, BinEnv)
	if len(e.Rejected) > 0 {
		fmt.Fprintf(&b, " (not usable: %s)", strings.Join(e.Rejected, "; "))
	}
	return b.String()
}

// InstallCommand is the command a person types to install PostgreSQL on this
// operating system.
func InstallCommand() string {
	if runtime.GOOS == "darwin" {
		return "brew install postgresql@17"
	}
	// Without the file, the general advice.
	release, _ := os.ReadFile("/etc/os-release")
	for line := range strings.Lines(string(release)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key != "ID" && key != "ID_LIKE" {
			continue
		}
		for id := range strings.FieldsSeq(strings.Trim(value, `"'`)) {
			if command := installCommandFor(id); command != "" {
				return command
			}
		}
	}
	return "your system's package manager (the package is usually called postgresql or postgresql-server)"
}

// installCommandFor knows the package of the server on a system by its id in
// os-release, "" for systems it does not know.
func installCommandFor(id string) string {
	switch id {
	case "debian", "ubuntu":
		return "sudo apt-get install -y postgresql"
	case "fedora", "rhel", "centos", "rocky", "almalinux", "amzn":
		return "sudo dnf install -y postgresql-server"
	case "alpine":
		return "sudo apk add postgresql"
	case "arch":
		return "sudo pacman -S --noconfirm postgresql"
	case "suse", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "sles":
		return "sudo zypper install -y postgresql-server"
	}
	return ""
}
