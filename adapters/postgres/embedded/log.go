package embedded

import (
	"fmt"
	"io"
	"os"
)

// maxLogSize is when a server log is put aside at the next start.
const maxLogSize = 5 << 20

// serverLog is the file the server writes to. A file, not a pipe: what a
// server says while it shuts down after its parent was killed is kept.
type serverLog struct {
	file *os.File
	// start is where this run's output begins.
	start int64
}

func openLog(path string) (serverLog, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLogSize {
		if err := os.Rename(path, path+".old"); err != nil {
			return serverLog{}, fmt.Errorf("put the old server log aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return serverLog{}, fmt.Errorf("open the server log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return serverLog{}, fmt.Errorf("open the server log: %w", err)
	}
	return serverLog{file: f, start: info.Size()}, nil
}

// tail is the end of what this run has written, for an error message.
func (l serverLog) tail() string {
	f, err := os.Open(l.file.Name())
	if err != nil {
		return "its log cannot be read"
	}
	defer func() { _ = f.Close() }()
	out, err := io.ReadAll(io.NewSectionReader(f, l.start, 64<<10))
	if err != nil || len(out) == 0 {
		return "it logged nothing"
	}
	return "its log ends with: " + lastLines(out, 5)
}
