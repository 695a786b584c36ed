package household

import (
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Category is the category of the streams of households.
const Category es.Category = "household"

// Stream names the stream of a household.
func Stream(group id.Group, household id.Household) es.Stream {
	return es.StreamOf(Category, group, household.String())
}

// ParseStream returns the group and household that a stream belongs to. Fault:
// "malformed_stream" for every name that Stream does not make.
func ParseStream(s es.Stream) (id.Group, id.Household, error) {
	group, ok := s.Group()
	household, err := id.Parse[id.Household](s.Entity())
	if !ok || err != nil || Stream(group, household) != s {
		return id.Group{}, id.Household{}, fault.New(fault.Internal, "malformed_stream", "The stream is not that of a household.")
	}
	return group, household, nil
}
