package invoice

import (
	"strings"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// The categories of the streams of this package.
const (
	// LedgerCategory is that of ledgers.
	LedgerCategory es.Category = "invoice"
	// SeriesCategory is that of number series.
	SeriesCategory es.Category = "invoiceSeries"
)

// LedgerID names the ledger of one patient with one clinician.
type LedgerID struct {
	Group     id.Group
	Chart     id.Chart
	Clinician id.Member
}

// Stream names the ledger's stream.
func (l LedgerID) Stream() es.Stream {
	return es.StreamOf(LedgerCategory, l.Group, l.Chart.String(), l.Clinician.String())
}

// ParseLedger returns the ledger that a stream belongs to. Fault:
// "malformed_stream" for every name that Stream does not make.
func ParseLedger(s es.Stream) (LedgerID, error) {
	chart, clinician, _ := strings.Cut(s.Entity(), ".")
	group, ok := s.Group()
	c, errChart := id.Parse[id.Chart](chart)
	m, errMember := id.Parse[id.Member](clinician)
	l := LedgerID{Group: group, Chart: c, Clinician: m}
	if !ok || errChart != nil || errMember != nil || l.Stream() != s {
		return LedgerID{}, errStream
	}
	return l, nil
}

// SeriesID names the series of invoice numbers of one clinician in a group.
type SeriesID struct {
	Group     id.Group
	Clinician id.Member
}

// Stream names the series' stream.
func (i SeriesID) Stream() es.Stream {
	return es.StreamOf(SeriesCategory, i.Group, i.Clinician.String())
}

// ParseSeries returns the series that a stream belongs to. Fault:
// "malformed_stream" for every name that Stream does not make.
func ParseSeries(s es.Stream) (SeriesID, error) {
	group, ok := s.Group()
	m, err := id.Parse[id.Member](s.Entity())
	i := SeriesID{Group: group, Clinician: m}
	if !ok || err != nil || i.Stream() != s {
		return SeriesID{}, errStream
	}
	return i, nil
}

var errStream = fault.New(fault.Internal, "malformed_stream", "The stream is not one of patient billing.")
