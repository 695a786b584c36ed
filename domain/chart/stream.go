package chart

import (
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// Category is the category of the streams of charts.
const Category es.Category = "chart"

// Stream names the stream of a chart.
func Stream(group id.Group, chart id.Chart) es.Stream {
	return es.StreamOf(Category, group, chart.String())
}

// ParseStream returns the group and chart that a stream belongs to. Fault:
// "malformed_stream" for every name that Stream does not make.
func ParseStream(s es.Stream) (id.Group, id.Chart, error) {
	group, ok := s.Group()
	chart, err := id.Parse[id.Chart](s.Entity())
	if !ok || err != nil || Stream(group, chart) != s {
		return id.Group{}, id.Chart{}, fault.New(fault.Internal, "malformed_stream", "The stream is not that of a chart.")
	}
	return group, chart, nil
}
