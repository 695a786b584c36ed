package chart_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/id"
)

var (
	ofOnePatient = chart.MergeInto{Into: partner, Reason: "The maiden name"}
	good         = chart.MergeTarget{First: eventID, Seen: true, Permitted: true}
	merged       = chart.MergedInto{Merge: eventID, Into: partner, UndoUntil: now.Add(30 * 24 * time.Hour), Reason: "The maiden name"}
	undone       = chart.MergeUndone{Merge: eventID, Into: partner}
)

func merging(t chart.MergeTarget, c chart.MergeInto) estest.With[chart.MergeInto, chart.MergeTarget, chart.State, chart.Event] {
	return estest.Knowing(c, t)
}

func TestMergingAChart(t *testing.T) {
	t.Run("the chart says into which one, and is read-only", func(t *testing.T) {
		given(t, created).When(merging(good, ofOnePatient), now).Then(merged)
		given(t, created).When(merging(good, ofOnePatient), now).ThenState(func(t testing.TB, s chart.State) {
			require.Equal(t, chart.Merge{Event: eventID, Into: partner, UndoUntil: merged.UndoUntil}, s.Merged())
			require.True(t, s.Archived)
			require.Equal(t, ana, s.Primary(), "nobody loses their place")
		})
	})
	t.Run("an archived chart is merged, too", func(t *testing.T) {
		given(t, created, archived).When(merging(good, ofOnePatient), now).Then(merged)
	})
	t.Run("refusals", func(t *testing.T) {
		with := func(change func(*chart.MergeTarget)) chart.MergeTarget {
			bad := good
			change(&bad)
			return bad
		}
		given(t).When(merging(good, ofOnePatient), now).ThenRejected("chart_not_found")
		given(t, created, merged).When(merging(good, ofOnePatient), now).ThenRejected("chart_merged")
		given(t, created).When(merging(good, chart.MergeInto{Into: partner, Reason: " "}), now).ThenRejected("reason_required")
		given(t, created).When(merging(good, chart.MergeInto{Into: chartID, Reason: "x"}), now).ThenRejected("same_chart")
		given(t, created).When(merging(chart.MergeTarget{}, ofOnePatient), now).ThenRejected("other_chart_not_found")
		given(t, created).When(merging(with(func(m *chart.MergeTarget) { m.Permitted = false }), ofOnePatient), now).ThenRejected("target_not_permitted")
		given(t, created).When(merging(with(func(m *chart.MergeTarget) { m.Merged, m.Archived = true, true }), ofOnePatient), now).ThenRejected("target_merged")
		given(t, created).When(merging(with(func(m *chart.MergeTarget) { m.Archived = true }), ofOnePatient), now).ThenRejected("target_archived")
	})
	t.Run("AMB-17 a merged chart takes nothing new", func(t *testing.T) {
		history := []chart.Event{created, saved, merged}
		given(t, history...).When(in(practice(clinician(ana, downtown)), chart.UpdateDemographics{Patient: patient}), now).ThenRejected("chart_merged")
		given(t, history...).When(chart.AddContact{Contact: id.Contact{1}, ContactDetails: augusta}, now).ThenRejected("chart_merged")
		given(t, history...).When(chart.ChangeStatus{To: chart.Inactive}, now).ThenRejected("chart_merged")
		given(t, history...).When(telling(true, chart.TellApart{From: partner, Reason: "x"}), now).ThenRejected("chart_merged")
		given(t, history...).When(chart.Unarchive{}, now).ThenRejected("chart_merged")
		given(t, history...).When(estest.Knowing(chart.Archive{Reason: "x"}, []chart.Ahead(nil)), now).ThenRejected("chart_merged")
		given(t, history...).When(estest.Knowing(chart.ReconsiderArchive{}, []chart.Ahead{{Start: now}}), now).ThenNothing()
	})
}

func TestUndoingAMerge(t *testing.T) {
	t.Run("within 30 days the chart is what it was", func(t *testing.T) {
		given(t, created, merged).When(chart.UndoMerge{}, merged.UndoUntil.Add(-time.Second)).Then(undone)
		given(t, created, archived, merged).When(chart.UndoMerge{}, now).Then(chart.MergeUndone{Merge: eventID, Into: partner, Archived: true})
		given(t, created, merged).When(chart.UndoMerge{}, merged.UndoUntil).ThenRejected("merge_undo_expired")
		given(t, created).When(chart.UndoMerge{}, now).ThenRejected("not_merged")
		given(t, created, merged, undone).When(chart.UndoMerge{}, now).ThenRejected("not_merged")
		given(t).When(chart.UndoMerge{}, now).ThenRejected("chart_not_found")
	})
	t.Run("a merge that met another is undone by Praxis, once", func(t *testing.T) {
		given(t, created, merged).When(chart.RevertMerge{Merge: eventID}, now).Then(chart.MergeUndone{Merge: eventID, Into: partner, Because: "target_merged"})
		given(t, created, merged, undone).When(chart.RevertMerge{Merge: eventID}, now).ThenNothing()
		given(t, created, merged).When(chart.RevertMerge{Merge: id.Event{1}}, now).ThenNothing()
	})
}

func TestTheChartThatGoesOn(t *testing.T) {
	accept := estest.Knowing(chart.AcceptMerge{Merge: eventID, Source: partner}, chart.Differences{Phone: "555-0102"})
	from := chart.MergedFrom{Merge: eventID, Source: partner, Differs: chart.Differences{Phone: "555-0102"}}
	t.Run("tells of it once, and of what the other said that it does not", func(t *testing.T) {
		given(t, created).When(accept, now).Then(from)
		given(t, created, from).When(accept, now).ThenNothing()
		given(t, created, archived).When(accept, now).Then(from)
		given(t, created, merged).When(estest.Knowing(chart.AcceptMerge{Merge: id.Event{1}, Source: partner}, chart.Differences{}), now).ThenRejected("target_merged")
		given(t).When(accept, now).ThenRejected("chart_not_found")
	})
	t.Run("tells of its end once", func(t *testing.T) {
		forget := chart.ForgetMerge{Merge: eventID, Source: partner}
		given(t, created, from).When(forget, now).Then(chart.UnmergedFrom{Merge: eventID, Source: partner})
		given(t, created).When(forget, now).ThenNothing()
		given(t, created, from, chart.UnmergedFrom{Merge: eventID, Source: partner}).When(forget, now).ThenNothing()
	})
	t.Run("what it says of the patient stands", func(t *testing.T) {
		given(t, created, saved, from).When(chart.RemoveContact{Contact: aunt}, now).ThenState(func(t testing.TB, s chart.State) {
			require.Equal(t, patient, s.Patient)
		})
		state := func(d chart.Demographics, contacts ...chart.Contact) chart.State {
			return chart.State{Patient: d, Contacts: contacts}
		}
		other := chart.Demographics{GivenName: "Ada", FamilyName: "Byron", BirthDate: civil.MustDate("1985-12-01"), Phone: "555-0102"}
		same, moved := chart.Contact{ID: aunt, ContactDetails: augusta}, chart.Contact{ID: aunt, ContactDetails: chart.ContactDetails{Name: "Augusta Leigh"}}
		require.Equal(t, chart.Differences{FamilyName: "Byron", BirthDate: "1985-12-01", Phone: "555-0102"}, state(other, same).Beyond(state(patient, same)))
		require.Equal(t, chart.Differences{Contacts: []chart.ContactDetails{moved.ContactDetails}}, state(patient, moved, same).Beyond(state(patient, same)))
	})
}

// A merge and its end leave both charts as they were, whatever had happened to them.
func TestMergeThenUndoChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var before []chart.Event
		for _, e := range []chart.Event{
			chart.DemographicsUpdated(patient), saved,
			chart.ResponsiblePartyNamed{Contact: aunt},
			chart.StatusChanged{From: chart.Active, To: chart.Inactive},
			archived, apart,
			chart.MergedFrom{Merge: id.Event{7}, Source: id.Chart{7}},
			chart.BranchChanged{From: downtown, To: north},
		} {
			if rapid.Bool().Draw(t, "happened") {
				before = append(before, e)
			}
		}
		fold := func(more ...chart.Event) (s chart.State) {
			chart.Evolve(&s, created)
			for _, e := range append(append([]chart.Event{}, before...), more...) {
				chart.Evolve(&s, e)
			}
			return s
		}
		is := fold()
		source, err := ofOnePatient.Decide(is, good, now)
		require.NoError(t, err)
		at := now.Add(time.Duration(rapid.IntRange(0, 30*24*3600-1).Draw(t, "later")) * time.Second)
		ended, err := chart.UndoMerge{}.Decide(fold(source...), at)
		require.NoError(t, err)
		require.Equal(t, is, fold(append(source, ended...)...))

		target, err := chart.AcceptMerge{Merge: eventID, Source: partner}.Decide(is, chart.Differences{Phone: "555"}, now)
		require.NoError(t, err)
		over, err := chart.ForgetMerge{Merge: eventID, Source: partner}.Decide(fold(target...), at)
		require.NoError(t, err)
		require.Equal(t, is, fold(append(target, over...)...))
	})
}
