package group_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
)

func found() group.CreateGroup {
	return group.CreateGroup{
		Group: practice, Name: " Elm Practice ", Owner: oona, Account: account(oona), OwnerIsClinician: true,
		BillingZone: "America/New_York", Currency: "USD", DefaultBranch: mainSt, DefaultBranchName: "Main Street",
	}
}

func TestCreateGroup(t *testing.T) {
	t.Run("G-2 whoever creates the group owns it; the period starts today in its zone", func(t *testing.T) {
		// 03:30 UTC on the 2nd is still the 1st in New York.
		at := time.Date(2025, 6, 2, 3, 30, 0, 0, time.UTC)
		given(t).When(found(), at).Then(
			group.GroupCreated{
				Group: practice, Name: "Elm Practice", Owner: oona, Account: account(oona), Clinician: true,
				BillingZone: "America/New_York", Currency: "USD", PeriodAnchor: civil.MustDate("2025-06-01"), CreatedAt: at,
			},
			group.DefaultBranchCreated{Branch: mainSt, Name: "Main Street"},
		)
	})
	t.Run("G-2 the owner is an active member who works in the default branch", func(t *testing.T) {
		given(t).When(found(), now).ThenState(func(t testing.TB, s group.State) {
			owner, ok := s.Member(s.Owner())
			require.True(t, ok)
			require.Equal(t, group.Member{
				ID: oona, Account: account(oona), Role: access.Owner, Active: true, Clinician: true,
				Branches: []id.Branch{mainSt}, JoinedAt: now,
			}, owner)
			require.Equal(t, []group.Branch{{ID: mainSt, Name: "Main Street", Default: true}}, s.Branches())
			require.Equal(t, practice, s.ID())
			require.Equal(t, mainSt, s.DefaultBranch())
			require.Equal(t, civil.Zone("America/New_York"), s.Zone())
			require.EqualValues(t, "USD", s.Currency())
			require.Equal(t, civil.MustDate("2025-06-01"), s.PeriodAnchor())
		})
	})
	t.Run("AMB-12 an owner need not be a clinician", func(t *testing.T) {
		c := found()
		c.OwnerIsClinician = false
		given(t).When(c, now).ThenState(func(t testing.TB, s group.State) {
			require.False(t, s.IsActiveClinician(oona))
		})
	})
	t.Run("a group is created once", func(t *testing.T) {
		given(t, founding()...).When(found(), now).ThenRejected("group_exists")
	})
	for code, spoil := range map[string]func(*group.CreateGroup){
		"name_required":    func(c *group.CreateGroup) { c.DefaultBranchName = " " },
		"text_too_long":    func(c *group.CreateGroup) { c.Name = strings.Repeat("ä", 201) },
		"malformed_text":   func(c *group.CreateGroup) { c.Name = "Elm\nPractice" },
		"zone_unknown":     func(c *group.CreateGroup) { c.BillingZone = "Local" },
		"unknown_currency": func(c *group.CreateGroup) { c.Currency = "XXX" },
		"id_required":      func(c *group.CreateGroup) { c.Account = id.Account{} },
	} {
		t.Run(code, func(t *testing.T) {
			c := found()
			spoil(&c)
			require.Equal(t, fault.Invalid, given(t).When(c, now).ThenRejected(code).Kind)
		})
	}
}

func TestUpdatePracticeInfo(t *testing.T) {
	t.Run("G-4 only what differs is recorded, before and after", func(t *testing.T) {
		given(t, founding()...).
			When(group.UpdatePracticeInfo{Name: ptr("Elm Practice"), Phone: ptr(" 555-0100"), City: ptr("Utica")}, now).
			Then(group.PracticeInfoUpdated{Changes: []group.FieldChange{
				{Field: group.FieldPhone, Old: "", New: "555-0100"}, {Field: group.FieldCity, Old: "", New: "Utica"},
			}})
	})
	t.Run("G-4 every field can be set, and only by its own name", func(t *testing.T) {
		all := group.UpdatePracticeInfo{
			Name: ptr("a"), Phone: ptr("b"), Email: ptr("c@d"), Website: ptr("https://d"), Line1: ptr("e"),
			Line2: ptr("f"), City: ptr("g"), Region: ptr("h"), PostalCode: ptr("i"), Country: ptr("j"),
		}
		given(t, founding()...).When(all, now).ThenState(func(t testing.TB, s group.State) {
			require.Equal(t, group.Info{
				group.FieldName: "a", group.FieldPhone: "b", group.FieldEmail: "c@d", group.FieldWebsite: "https://d", group.FieldLine1: "e",
				group.FieldLine2: "f", group.FieldCity: "g", group.FieldRegion: "h", group.FieldPostalCode: "i", group.FieldCountry: "j",
			}, s.Info())
		})
	})
	t.Run("no change, no event", func(t *testing.T) {
		given(t, founding()...).When(group.UpdatePracticeInfo{Name: ptr("Elm Practice"), Phone: ptr("")}, now).ThenNothing()
	})
	t.Run("a field can be cleared, the name cannot", func(t *testing.T) {
		history := append(founding(), group.PracticeInfoUpdated{Changes: []group.FieldChange{{Field: group.FieldPhone, New: "1"}}})
		given(t, history...).When(group.UpdatePracticeInfo{Phone: ptr("")}, now).
			Then(group.PracticeInfoUpdated{Changes: []group.FieldChange{{Field: group.FieldPhone, Old: "1", New: ""}}})
		given(t, history...).When(group.UpdatePracticeInfo{Name: ptr("")}, now).ThenRejected("name_required")
	})
	t.Run("without a group there is nothing to update", func(t *testing.T) {
		given(t).When(group.UpdatePracticeInfo{Name: ptr("x")}, now).ThenRejected("group_not_found")
	})
}

func TestBranches(t *testing.T) {
	t.Run("C-5 a branch is opened and renamed", func(t *testing.T) {
		given(t, founding()...).When(group.CreateBranch{Branch: harbour, Name: "Harbour"}, now).
			Then(group.BranchCreated{Branch: harbour, Name: "Harbour"})
		given(t, staffed()...).When(group.RenameBranch{Branch: harbour, Name: "Port"}, now).
			Then(group.BranchRenamed{Branch: harbour, From: "Harbour", To: "Port"})
		renamed, ok := fold(staffed(group.BranchRenamed{Branch: harbour, From: "Harbour", To: "Port"})...).Branch(harbour)
		require.True(t, ok)
		require.Equal(t, group.Branch{ID: harbour, Name: "Port"}, renamed)
	})
	t.Run("the same name changes nothing; its case may change", func(t *testing.T) {
		given(t, staffed()...).When(group.RenameBranch{Branch: harbour, Name: "Harbour "}, now).ThenNothing()
		given(t, staffed()...).When(group.RenameBranch{Branch: harbour, Name: "HARBOUR"}, now).
			Then(group.BranchRenamed{Branch: harbour, From: "Harbour", To: "HARBOUR"})
	})
	t.Run("two branches never share a name or an id", func(t *testing.T) {
		given(t, staffed()...).When(group.CreateBranch{Branch: id.Derive[id.Branch]("b"), Name: "main street"}, now).ThenRejected("branch_name_taken")
		given(t, staffed()...).When(group.RenameBranch{Branch: harbour, Name: "Main Street"}, now).ThenRejected("branch_name_taken")
		given(t, staffed()...).When(group.CreateBranch{Branch: harbour, Name: "Port"}, now).ThenRejected("branch_exists")
		given(t, staffed()...).When(group.RenameBranch{Branch: id.Derive[id.Branch]("b"), Name: "Port"}, now).ThenRejected("branch_not_found")
	})
	t.Run("C-5 a clinician moves between branches", func(t *testing.T) {
		given(t, staffed()...).When(as(oona, group.SetClinicianBranches{Clinician: uma, Branches: []id.Branch{harbour}}), now).
			Then(group.ClinicianBranchesSet{Clinician: uma, Added: []id.Branch{harbour}, Removed: []id.Branch{mainSt}})
		given(t, staffed()...).When(as(oona, group.SetClinicianBranches{Clinician: uma, Branches: []id.Branch{mainSt, mainSt}}), now).ThenNothing()
	})
	t.Run("AMB-11 the branches of those below, and never more for oneself", func(t *testing.T) {
		branches := func(by, whose id.Member, in ...id.Branch) command {
			return as(by, group.SetClinicianBranches{Clinician: whose, Branches: in})
		}
		practising := staffed(group.ClinicalWorkStarted{Member: sue})
		given(t, practising...).When(branches(sam, sue, harbour), now).ThenRejected("target_outranks_you")
		given(t, practising...).When(branches(sam, oona, harbour), now).ThenRejected("target_outranks_you")
		given(t, practising...).When(branches(uma, ugo, harbour), now).ThenRejected("target_outranks_you")
		given(t, practising...).When(branches(sam, uma, harbour), now).
			Then(group.ClinicianBranchesSet{Clinician: uma, Added: []id.Branch{harbour}, Removed: []id.Branch{mainSt}})
		given(t, practising...).When(branches(mia, mia, mainSt, harbour), now).ThenRejected("self_grant")
		given(t, practising...).When(branches(oona, oona, mainSt, harbour), now).
			Then(group.ClinicianBranchesSet{Clinician: oona, Added: []id.Branch{harbour}})
		given(t, append(practising, group.ClinicianBranchesSet{Clinician: mia, Added: []id.Branch{harbour}})...).When(branches(mia, mia, harbour), now).
			Then(group.ClinicianBranchesSet{Clinician: mia, Removed: []id.Branch{mainSt}})
	})
	t.Run("AMB-13 a clinician works in at least one branch of the practice", func(t *testing.T) {
		given(t, staffed()...).When(as(oona, group.SetClinicianBranches{Clinician: uma}), now).ThenRejected("empty_branches")
		given(t, staffed()...).When(as(oona, group.SetClinicianBranches{Clinician: uma, Branches: []id.Branch{{}}}), now).ThenRejected("branch_not_found")
		given(t, staffed()...).When(as(oona, group.SetClinicianBranches{Clinician: ada, Branches: []id.Branch{harbour}}), now).ThenRejected("not_a_clinician")
		given(t, staffed()...).When(as(oona, group.SetClinicianBranches{Clinician: nobody, Branches: []id.Branch{harbour}}), now).ThenRejected("member_not_found")
	})
}
