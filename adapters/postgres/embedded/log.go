package embedded

import (
	"fmt"
	"io"
	"os"
)

// maxLogSize is when a server log is put aside at the next start.
const maxLogSize = 5 << 20

// openLog opens the file the server writes to, and says where this run's output
// begins. A file, not a pipe: what a server says while it shuts down after its
// parent was killed is kept.
func openLog(path string) (f *os.File, start int64, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLogSize {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, 0, fmt.Errorf("put the old server log aside: %w", err)
		}
	}
	f, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err == nil {
		start, err = f.Seek(0, io.SeekEnd)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open the server log: %w", err)
	}
	return f, start, nil
}

// logTail is the end of what a run has written since start, for an error message.
func logTail(f *os.File, start int64) string {
	out, err := io.ReadAll(io.NewSectionReader(f, start, 64<<10))
	switch {
	case err != nil:
		return "its log cannot be read"
	case len(out) == 0:
		return "it logged nothing"
	}
	return "its log ends with: " + lastLines(out, 5)
}
