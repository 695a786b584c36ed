package eventstore

import (
	"bytes"
	"errors"
	"io"
)

// errFatal replaces the client's wish to end the process.
var errFatal = errors.New("an event without a readable time of creation")

// SurviveFatal returns the output for the standard library's global logger: what
// is logged goes on to next, but where the client calls log.Fatalf, about an event
// whose time of creation it cannot read, the call panics before the process
// ends. The panic becomes the error of that one read, as every panic of the
// client does. Wiring sets it once: log.SetOutput(eventstore.SurviveFatal(os.Stderr)).
func SurviveFatal(next io.Writer) io.Writer { return survivor{next} }

type survivor struct{ next io.Writer }

func (s survivor) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("Failed to parse created date as int from")) {
		panic(errFatal)
	}
	return s.next.Write(p)
}
