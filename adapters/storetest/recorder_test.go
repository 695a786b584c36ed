package storetest_test

import "runtime"

// recorder is a conformance.T that remembers failure instead of reporting it. It
// must be used from a goroutine of its own, because FailNow ends it.
type recorder struct{ failed bool }

func (*recorder) Helper() {}

func (r *recorder) Errorf(string, ...any) { r.failed = true }

func (r *recorder) FailNow() {
	r.failed = true
	runtime.Goexit()
}
