package nodetest

import "praxis/domain/id"

// Data and Metadata give tests the content of an event with an id.
func Data(event id.Event) []byte { return data(event) }

// Metadata is the other half of it.
func Metadata(event id.Event) []byte { return metadata(event) }
