package accesslog

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/id"
)

// MaxCharts is how many charts one record of a view names. Pages are no longer; of
// files, which are, the record has the number and how they were chosen.
const MaxCharts = 500

// RecordsViewed is recorded before an answer that tells anything of a patient leaves
// Praxis: without this record nothing is shown. Who looked, as what, by which rule and
// for which purpose stands in the metadata, as for every event. That a record exists
// says that its actor was let see this; whether the answer arrived is unknown.
type RecordsViewed struct {
	// Operation names what was asked for, as the API's document does, such as "getChart".
	Operation string `json:"operation"`
	// Section is which part of the records it is, as the API's document divides them,
	// such as "charts" or "billing".
	Section string `json:"section"`
	// Capability is the permission by which it was seen.
	Capability access.Capability `json:"capability"`
	// Charts are those that were shown, at most MaxCharts of them; none where what was
	// shown had no chart in it.
	Charts []id.Chart `json:"charts,omitempty"`
	// ChartsTotal is how many were shown, where Charts is not all of them.
	ChartsTotal int `json:"chartsTotal,omitempty"`
	// Filters are the names of what narrowed the answer, such as "search", never the
	// values: a search term is a patient's name.
	Filters []string `json:"filters,omitempty"`
	// Reflects is the position in the log, or the moment of the past, that was shown.
	// It is empty for single charts that were shown as they were when this was recorded.
	Reflects string `json:"reflects,omitempty"`
}

// NewRecordsViewed keeps of the charts those that a record names, each once, in the order
// in which they were shown.
func NewRecordsViewed(v RecordsViewed) RecordsViewed {
	named, known := []id.Chart(nil), make(map[id.Chart]bool, len(v.Charts))
	for _, c := range v.Charts {
		if known[c] || c.IsZero() {
			continue
		}
		if known[c] = true; len(named) < MaxCharts {
			named = append(named, c)
		}
	}
	if v.Charts = named; len(known) > len(named) && v.ChartsTotal < len(known) {
		v.ChartsTotal = len(known)
	}
	return v
}

// SignedIn is recorded when somebody of the practice is seen for the first time after
// they signed in. Every server that they reach may see them for the first time.
type SignedIn struct {
	// AuthenticatedAt is when they signed in, UTC, as the issuer says; zero if it does not.
	AuthenticatedAt time.Time `json:"authenticatedAt,omitzero"`
}

func (RecordsViewed) isEvent() {}
func (SignedIn) isEvent()      {}
