package engine

import (
	"os"

	"golang.org/x/sys/unix"
)

// fetch asks the kernel to read a part of the file into memory and does not wait.
func fetch(file *os.File, offset, length int64) {
	_ = unix.Fadvise(int(file.Fd()), offset, length, unix.FADV_WILLNEED)
}
