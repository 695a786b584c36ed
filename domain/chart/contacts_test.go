package chart_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

var (
	augusta = chart.ContactDetails{Name: "Augusta Leigh", Relation: "Aunt", Phone: "555-0123", Email: "aunt@example.org", Emergency: true}
	saved   = chart.ContactSaved{Contact: aunt, Name: "Augusta Leigh", Relation: "Aunt", Phone: "555-0123", Email: "aunt@example.org", Emergency: true}
	partner = id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c2")
)

func TestContacts(t *testing.T) {
	t.Run("C-2 a contact has a name, a relation, ways to be reached and what they may be called for", func(t *testing.T) {
		typed := augusta
		typed.Name = "  Augusta Leigh "
		given(t, created).When(chart.AddContact{Contact: aunt, ContactDetails: typed}, now).Then(saved)
		given(t, created).When(chart.AddContact{Contact: aunt, ContactDetails: augusta}, now).ThenState(func(t testing.TB, s chart.State) {
			require.Equal(t, []chart.Contact{{ID: aunt, ContactDetails: augusta}}, s.Contacts)
		})
	})
	t.Run("a contact is changed whole, and the same again is no event", func(t *testing.T) {
		changed := augusta
		changed.MayBeCalled = true
		again := saved
		again.MayBeCalled = true
		given(t, created, saved).When(chart.ChangeContact{Contact: aunt, ContactDetails: changed}, now).Then(again)
		given(t, created, saved).When(chart.ChangeContact{Contact: aunt, ContactDetails: augusta}, now).ThenNothing()
	})
	t.Run("a contact is removed, unless they answer for the patient", func(t *testing.T) {
		given(t, created, saved).When(chart.RemoveContact{Contact: aunt}, now).Then(chart.ContactRemoved{Contact: aunt})
		given(t, created, saved, chart.ResponsiblePartyNamed{Contact: aunt}).When(chart.RemoveContact{Contact: aunt}, now).ThenRejected("contact_is_responsible")
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(chart.AddContact{Contact: aunt, ContactDetails: augusta}, now).ThenRejected("chart_not_found")
		given(t, created, saved).When(chart.AddContact{Contact: aunt, ContactDetails: augusta}, now).ThenRejected("contact_exists")
		given(t, created).When(chart.AddContact{Contact: aunt}, now).ThenRejected("contact_name_required")
		given(t, created).When(chart.AddContact{Contact: aunt, ContactDetails: chart.ContactDetails{Name: "A", Phone: "call me"}}, now).ThenRejected("malformed_phone")
		given(t, created).When(chart.AddContact{Contact: aunt, ContactDetails: chart.ContactDetails{Name: "A", Email: "a at b"}}, now).ThenRejected("malformed_email")
		given(t, created).When(chart.ChangeContact{Contact: aunt, ContactDetails: augusta}, now).ThenRejected("contact_not_found")
		given(t, created).When(chart.RemoveContact{Contact: aunt}, now).ThenRejected("contact_not_found")
	})
	t.Run("there are 50 at the most", func(t *testing.T) {
		history := []chart.Event{created}
		for i := range chart.MostContacts {
			history = append(history, chart.ContactSaved{Contact: id.Derive[id.Contact](string(rune('a' + i))), Name: "A"})
		}
		given(t, history...).When(chart.AddContact{Contact: aunt, ContactDetails: augusta}, now).ThenRejected("too_many_contacts")
		given(t, history[:chart.MostContacts]...).When(chart.AddContact{Contact: aunt, ContactDetails: augusta}, now).Then(saved)
	})
}

// knows decides whom to name where the other chart is one that the actor may see, or not.
func knows(known bool, r chart.Responsible) estest.With[chart.NameResponsibleParty, bool, chart.State, chart.Event] {
	return estest.Knowing(chart.NameResponsibleParty{Responsible: r}, known)
}

func TestResponsibleParty(t *testing.T) {
	t.Run("a contact of the chart answers, or the patient of another chart", func(t *testing.T) {
		given(t, created, saved).When(knows(false, chart.Responsible{Contact: aunt}), now).Then(chart.ResponsiblePartyNamed{Contact: aunt})
		given(t, created).When(knows(true, chart.Responsible{Chart: partner}), now).Then(chart.ResponsiblePartyNamed{Chart: partner})
	})
	t.Run("another takes their place, and nobody ends it", func(t *testing.T) {
		named := chart.ResponsiblePartyNamed{Contact: aunt}
		given(t, created, saved, named).When(knows(true, chart.Responsible{Chart: partner}), now).Then(chart.ResponsiblePartyNamed{Chart: partner})
		given(t, created, saved, named).When(knows(true, chart.Responsible{Contact: aunt}), now).ThenNothing()
		given(t, created, saved, named).When(chart.ClearResponsibleParty{}, now).Then(chart.ResponsiblePartyCleared{})
		given(t, created).When(chart.ClearResponsibleParty{}, now).ThenRejected("no_responsible_party")
	})
	t.Run("refusals", func(t *testing.T) {
		given(t, created, saved).When(knows(true, chart.Responsible{}), now).ThenRejected("responsible_party_unclear")
		given(t, created, saved).When(knows(true, chart.Responsible{Contact: aunt, Chart: partner}), now).ThenRejected("responsible_party_unclear")
		given(t, created).When(knows(true, chart.Responsible{Contact: aunt}), now).ThenRejected("contact_not_found")
		given(t, created).When(knows(true, chart.Responsible{Chart: chartID}), now).ThenRejected("responsible_for_themselves")
		given(t, created).When(knows(false, chart.Responsible{Chart: partner}), now).ThenRejected("responsible_chart_not_found")
		given(t).When(knows(true, chart.Responsible{Chart: partner}), now).ThenRejected("chart_not_found")
	})
	t.Run("AMB-17 an archived chart keeps its contacts and who answers", func(t *testing.T) {
		history := []chart.Event{created, saved, chart.ResponsiblePartyNamed{Contact: aunt}, archived}
		given(t, history...).When(chart.AddContact{Contact: id.Contact{1}, ContactDetails: augusta}, now).ThenRejected("chart_archived")
		given(t, history...).When(chart.ChangeContact{Contact: aunt, ContactDetails: augusta}, now).ThenRejected("chart_archived")
		given(t, history...).When(chart.RemoveContact{Contact: aunt}, now).ThenRejected("chart_archived")
		given(t, history...).When(knows(true, chart.Responsible{Chart: partner}), now).ThenRejected("chart_archived")
		given(t, history...).When(chart.ClearResponsibleParty{}, now).ThenRejected("chart_archived")
	})
}

func TestMinor(t *testing.T) {
	for _, c := range []struct {
		born, today string
		minor       bool
	}{
		{"2008-04-11", "2026-04-10", true},
		{"2008-04-10", "2026-04-10", false},
		{"2008-02-29", "2026-02-28", true},
		{"2008-02-29", "2026-03-01", false},
	} {
		require.Equal(t, c.minor, chart.Minor(civil.MustDate(c.born), civil.MustDate(c.today)), c)
	}
	require.False(t, chart.Minor(civil.Date{}, civil.MustDate("2026-04-10")), "nothing is known")
}
