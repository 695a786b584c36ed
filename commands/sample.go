package commands

import (
	"fmt"
	"maps"

	"praxis/domain/id"
)

// sampleIDs are the ids in the samples of the declarations, by the names given them.
var sampleIDs = map[string]string{}

// sampleID is the id of a thing in a Sample, such as id.Member of "colleague". The same
// name is the same thing in every sample.
func sampleID[I interface {
	~[16]byte
	fmt.Stringer
}](name string) I {
	i := id.Derive[I]("sample", name)
	sampleIDs[name] = i.String()
	return i
}

// SampleIDs are the ids in the samples by their names: a test puts what its practice has
// in their place.
func SampleIDs() map[string]string { return maps.Clone(sampleIDs) }
