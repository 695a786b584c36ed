package chart

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/text"
)

var apartReason = text.Line("reason", 500)

// errWhyApart asks for the reason why two charts are of two people.
var errWhyApart = fault.New(fault.Invalid, "reason_required", "A reason is required. Say how you know that they are two people.")

// readApart reads why charts are told apart.
func readApart(reason string) (string, error) {
	read, err := apartReason.Read(reason)
	return read, cmp.Or(err, fault.When(read == "", errWhyApart))
}

// duplicatePatient warns of the charts that may be of the same person: ids and names of the
// charts that the actor may see, and what they have in common, in the same order. A name is
// in one line, an id holds no comma, and a likeness neither a comma nor a blank.
func duplicatePatient(alike []Alike) error {
	var charts, names, in []string
	for _, a := range alike {
		charts, names = append(charts, a.Chart.String()), append(names, a.Name)
		why := make([]string, 0, len(a.In))
		for _, l := range a.In {
			why = append(why, string(l))
		}
		in = append(in, strings.Join(why, " "))
	}
	return fault.New(fault.Rejected, "duplicate_patient",
		"This practice has a chart that may be of the same patient. Use that one, or say with allowDuplicate and a reason that they are two people.").
		With("charts", strings.Join(charts, ",")).With("names", strings.Join(names, "\n")).With("alike", strings.Join(in, ","))
}

// TellApart says that the patients of two charts that look alike are two people.
type TellApart struct {
	// From is the other chart.
	From   id.Chart `json:"from"`
	Reason string   `json:"reason"`
}

// Decide tells them apart; the same again leads to no event. known reports that the other
// chart is one of the practice that the actor may see. Faults: "chart_not_found",
// "chart_archived", "same_chart", "other_chart_not_found", "reason_required", and those of
// package text.
func (c TellApart) Decide(s State, known bool, _ time.Time) ([]Event, error) {
	reason, err := readApart(c.Reason)
	err = cmp.Or(s.writable(), err,
		fault.When(c.From == s.Chart && s.Exists(), errSameChart),
		fault.When(!known, errOtherUnknown))
	return es.Decided[Event](err, slices.Contains(s.Apart(), c.From), ToldApart{From: []id.Chart{c.From}, Reason: reason})
}

var errOtherUnknown = fault.New(fault.NotFound, "other_chart_not_found", "There is no such other chart, or it is beyond what you may see.")
