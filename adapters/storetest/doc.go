// Package storetest runs the conformance suite of event stores as Go tests; the
// checks themselves are in adapters/conformance, because the program offers them
// to operators too. Its own tests prove with stores broken on purpose that the
// checks can fail. It may import adapters/conformance and test libraries.
package storetest
