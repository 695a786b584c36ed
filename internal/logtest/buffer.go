// Package logtest keeps what a program under test writes while it runs, so that
// a test can see what is said and, above all, what is not. It imports the
// standard library only.
package logtest

import (
	"bytes"
	"sync"
)

// Buffer keeps what many goroutines write. Its zero value is empty and ready.
type Buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds to the text; it never fails.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String is all that has been written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
