package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestLicencesAndInvitations(t *testing.T) {
	t.Run("L-4 BIL-4 no invitation of a clinician without a free licence, and what one costs", func(t *testing.T) {
		s := subscribed(t).on("2024-06-16")
		refusal := s.refuses(s.invitation(uma, pricing.Prescriber), "no_free_licence")
		require.Equal(t, "No free licence: buy one before inviting a clinician. One on e-Rx lite costs USD 44.50 until 2024-06-30.", refusal.Message)
		require.Equal(t, map[string]string{"plan": "erx_lite", "quote": "USD 44.50", "until": "2024-06-30"}, refusal.Details)
		unpriced := s.invitation(uma, pricing.Prescriber)
		unpriced.Facts.Book = pricing.Book{}
		require.Equal(t, "No free licence: buy one before inviting a clinician.", s.refuses(unpriced, "no_free_licence").Message)
	})
	t.Run("a reservation counts: two invitations never share a licence", func(t *testing.T) {
		s := subscribed(t)
		s.buy(pricing.ERxLite, 1)
		s.collect()
		events := s.do(s.invitation(uma, pricing.Prescriber))
		require.IsType(t, group.LicenceReserved{}, events[1])
		require.Equal(t, group.Utilisation{Owned: 2, Assigned: 1, Reserved: 1}, s.state().Utilisation(s.now))
		s.refuses(s.invitation(ugo, pricing.Prescriber), "no_free_licence")
		named := s.invitation(ugo, pricing.Prescriber)
		named.Command.Licence = events[1].(group.LicenceReserved).Licence
		s.refuses(named, "licence_reserved")
		s.refuses(group.ScheduleLicenceRelease{Licence: named.Command.Licence}, "licence_reserved")
		named.Command.Licence = id.Derive[id.Licence]("another practice's")
		s.refuses(named, "licence_not_found")
	})
	t.Run("AMB-7 an invitation that ends frees the licence, and using it again costs nothing", func(t *testing.T) {
		for name, ending := range map[string]group.Event{
			"declined": group.InvitationDeclined{Invitation: invitationOf(uma)},
			"revoked":  group.InvitationRevoked{Invitation: invitationOf(uma), RevokedBy: oona},
			"expired":  group.InvitationExpired{Invitation: invitationOf(uma)},
		} {
			s := subscribed(t)
			licence := s.buy(pricing.ERxLite, 1)[0]
			s.collect()
			s.do(s.invitation(uma, pricing.Prescriber))
			var events []group.Event
			switch ending.(type) {
			case group.InvitationDeclined:
				events = s.do(group.DeclineInvitation{Invitation: invitationOf(uma), EmailHash: hashOf(uma)})
			case group.InvitationRevoked:
				events = s.do(as(oona, group.RevokeInvitation{Invitation: invitationOf(uma)}))
			default:
				s.now = s.now.AddDate(0, 0, 7)
				events = s.do(group.ExpireInvitation{Invitation: invitationOf(uma)})
			}
			require.Equal(t, []group.Event{ending, group.LicenceUnreserved{Licence: licence, Invitation: invitationOf(uma)}}, events, name)
			s.joins(ugo, pricing.Prescriber)
			require.Empty(t, s.open(), name)
		}
	})
	t.Run("an invitation that expired holds nothing back, recorded or not", func(t *testing.T) {
		s := subscribed(t)
		licence := s.buy(pricing.ERxLite, 1)[0]
		s.collect()
		s.do(s.invitation(uma, pricing.Prescriber))
		s.now = s.now.AddDate(0, 0, 7)
		events := s.do(s.invitation(ugo, pricing.Prescriber))
		require.Equal(t, group.LicenceUnreserved{Licence: licence, Invitation: invitationOf(uma)}, events[1])
		require.Equal(t, group.LicenceReserved{Licence: licence, Invitation: invitationOf(ugo), Profession: pricing.Prescriber}, events[2])
	})
	t.Run("G-8 joining assigns what was reserved", func(t *testing.T) {
		s := subscribed(t)
		licence := s.buy(pricing.ERxLite, 1)[0]
		s.collect()
		s.do(s.invitation(uma, pricing.Prescriber))
		events := s.do(group.AcceptInvitation{Invitation: invitationOf(uma), Account: account(uma), EmailHash: hashOf(uma), Member: uma})
		require.Equal(t, []group.Event{
			group.ProfessionRecorded{Member: uma, Profession: pricing.Prescriber}, group.LicenceAssigned{Licence: licence, Member: uma, On: day("2024-06-01")},
		}, events[1:])
	})
	t.Run("an invitation from before the subscription takes a free licence", func(t *testing.T) {
		s := founded(t)
		s.do(s.invitation(uma, ""))
		s.do(trialUntil(noon("2024-06-30"), group.StartTrial{Seats: oonaOn(pricing.ERxLite)}))
		accept := group.AcceptInvitation{Invitation: invitationOf(uma), Account: account(uma), EmailHash: hashOf(uma), Member: uma}
		s.refuses(accept, "no_free_licence")
		licence := s.buy(pricing.TherapistBasic, 1)[0]
		s.do(accept)
		held, _ := s.state().LicenceOf(uma)
		require.Equal(t, licence, held.ID)
	})
	t.Run("a therapist is never given a prescriber plan", func(t *testing.T) {
		s := onTrial(t, "2024-06-30")
		lite := s.buy(pricing.ERxLite, 1)[0]
		s.refuses(s.invitation(uma, pricing.Therapist), "no_free_licence")
		named := s.invitation(uma, pricing.Therapist)
		named.Command.Licence = lite
		s.refuses(named, "plan_category_mismatch")
		basic := s.buy(pricing.TherapistBasic, 1)[0]
		s.joins(uma, "")
		held, _ := s.state().LicenceOf(uma)
		require.Equal(t, basic, held.ID)
		s.refuses(s.invitation(ugo, "plumber"), "unknown_profession")
	})
	t.Run("L-7 the assistant's role is free: no clinician is invited to it", func(t *testing.T) {
		s := onTrial(t, "2024-06-30")
		assistant := s.invitation(ada, pricing.Therapist)
		assistant.Command.Role, assistant.Command.Clinicians = access.Assistant, []id.Member{oona}
		s.refuses(assistant, "role_needs_no_licence")
	})
	t.Run("before the subscription nobody needs a licence", func(t *testing.T) {
		s := founded(t)
		require.Len(t, s.do(s.invitation(uma, pricing.Therapist)), 1)
		require.True(t, s.state().Entitled(pricing.OnlineBooking))
		require.True(t, s.state().EntitledClinician(oona, pricing.OnlineBooking))
	})
}

// What an invited clinician is, and so which plan they need, goes with the invitation:
// from before the subscription, too.
func TestFoundP10_AnInvitationCarriesTheProfession(t *testing.T) {
	accept := group.AcceptInvitation{Invitation: invitationOf(uma), Account: account(uma), EmailHash: hashOf(uma), Member: uma}
	invitedBefore := func(profession pricing.Category) *story {
		s := founded(t)
		s.do(s.invitation(uma, profession))
		s.do(trialUntil(noon("2024-06-30"), group.StartTrial{Seats: oonaOn(pricing.ERxLite)}))
		return s
	}
	t.Run("L-4 a prescriber who was invited before the subscription takes a prescriber's licence, never the cheaper therapist's", func(t *testing.T) {
		s := invitedBefore(pricing.Prescriber)
		s.buy(pricing.TherapistBasic, 1)
		s.refuses(accept, "no_free_licence")
		lite := s.buy(pricing.ERxLite, 1)[0]
		require.Equal(t, []group.Event{
			group.ProfessionRecorded{Member: uma, Profession: pricing.Prescriber}, group.LicenceAssigned{Licence: lite, Member: uma, On: day("2024-06-01")},
		}, s.do(accept)[1:])
	})
	t.Run("a therapist takes a therapist's licence", func(t *testing.T) {
		s := invitedBefore(pricing.Therapist)
		s.buy(pricing.ERxLite, 1)
		s.refuses(accept, "no_free_licence")
		basic := s.buy(pricing.TherapistBasic, 1)[0]
		s.do(accept)
		held, _ := s.state().LicenceOf(uma)
		require.Equal(t, basic, held.ID)
	})
	t.Run("an invitation finds no licence of another category free", func(t *testing.T) {
		s := onTrial(t, "2024-06-30")
		s.buy(pricing.TherapistBasic, 1)
		s.refuses(s.invitation(uma, pricing.Prescriber), "no_free_licence")
	})
	t.Run("joining a practice without subscription records the profession", func(t *testing.T) {
		s := founded(t)
		s.do(s.invitation(uma, pricing.Prescriber))
		require.Equal(t, []group.Event{group.ProfessionRecorded{Member: uma, Profession: pricing.Prescriber}}, s.do(accept)[1:])
		require.Equal(t, pricing.Prescriber, s.state().Profession(uma))
	})
	t.Run("a profession that does not exist is refused before the subscription, too", func(t *testing.T) {
		s := founded(t)
		s.refuses(s.invitation(uma, "plumber"), "unknown_profession")
	})
}

func TestAssignLicence(t *testing.T) {
	t.Run("one licence, one member; the same again changes nothing", func(t *testing.T) {
		s := onTrial(t, "2024-06-30")
		licences := s.buy(pricing.TherapistBasic, 2)
		s.joins(uma, "")
		s.ignores(group.AssignLicence{Licence: licences[0], Member: uma})
		s.refuses(group.AssignLicence{Licence: licences[1], Member: uma}, "member_has_licence")
		s.joins(ugo, "")
		s.do(withoutCharts(group.UnassignLicence{Licence: licences[1]}))
		refusal := s.refuses(group.AssignLicence{Licence: licences[0], Member: ugo}, "licence_in_use")
		require.Equal(t, uma.String(), refusal.Details["member"])
		s.refuses(group.AssignLicence{Licence: id.Licence{1}, Member: ugo}, "licence_not_found")
		s.refuses(group.AssignLicence{Licence: licences[1], Member: nobody}, "member_not_found")
		s.refuses(group.AssignLicence{Licence: licences[1], Member: ugo, Profession: "plumber"}, "unknown_profession")
		s.ignores(withoutCharts(group.UnassignLicence{Licence: licences[1]}))
	})
	t.Run("BIL-A27 a non-practising owner is free", func(t *testing.T) {
		s := subscribed(t)
		held, _ := s.state().LicenceOf(oona)
		s.do(withoutCharts(group.UnassignLicence{Licence: held.ID}))
		s.do(group.ScheduleLicenceRelease{Licence: held.ID})
		events := s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))
		require.IsType(t, group.LicencesReleased{}, events[len(events)-1], "nothing is charged")
		require.Equal(t, oona, s.state().Owner())
	})
	t.Run("moving a licence costs nothing and moves the capability", func(t *testing.T) {
		s := subscribed(t)
		licence := s.buy(pricing.ERxLite, 1)[0]
		s.collect()
		s.joins(uma, pricing.Prescriber)
		s.do(invitedBy(oona, group.InviteMember{Invitation: invitationOf(sam), EmailHash: hashOf(sam), Role: access.SuperAdmin, ExpiresAt: s.now.AddDate(0, 0, 7)}))
		s.do(group.AcceptInvitation{Invitation: invitationOf(sam), Account: account(sam), EmailHash: hashOf(sam), Member: sam})
		s.refuses(withoutCharts(group.MoveLicence{Licence: licence, To: sam}), "plan_category_mismatch")
		s.refuses(withCharts(1, group.MoveLicence{Licence: licence, To: sam, Profession: pricing.Prescriber}), "has_assigned_charts")
		s.ignores(withoutCharts(group.MoveLicence{Licence: licence, To: uma}))
		require.Equal(t, []group.Event{
			group.ClinicalWorkEnded{Member: uma, On: day("2024-06-01")},
			group.LicenceUnassigned{Licence: licence, Member: uma, On: day("2024-06-01")},
			group.ProfessionRecorded{Member: sam, Profession: pricing.Prescriber},
			group.LicenceAssigned{Licence: licence, Member: sam, On: day("2024-06-01")},
			group.ClinicalWorkStarted{Member: sam, On: day("2024-06-01")},
		}, s.do(withoutCharts(group.MoveLicence{Licence: licence, To: sam, Profession: pricing.Prescriber})))
		require.Empty(t, s.open())
	})
	t.Run("R-5 a manager stays a clinician", func(t *testing.T) {
		s := onTrial(t, "2024-06-30")
		licence := s.buy(pricing.TherapistBasic, 1)[0]
		s.joins(uma, "")
		s.do(as(oona, group.ChangeMemberRole{Member: uma, Role: access.Manager, Clinicians: []id.Member{oona}}))
		s.refuses(withoutCharts(group.UnassignLicence{Licence: licence}), "manager_must_be_clinician")
	})
	t.Run("who ceases clinical work leaves everybody's scope", func(t *testing.T) {
		s := onTrial(t, "2024-06-30")
		s.buy(pricing.TherapistBasic, 2)
		s.joins(uma, "")
		s.joins(ugo, "")
		s.do(as(oona, group.ChangeMemberRole{Member: ugo, Role: access.Manager, Clinicians: []id.Member{uma, oona}}))
		held, _ := s.state().LicenceOf(uma)
		s.do(withoutCharts(group.UnassignLicence{Licence: held.ID}))
		m, _ := s.state().Member(ugo)
		require.Equal(t, []id.Member{oona}, m.Manages)
	})
	t.Run("who leaves frees the licence, who comes back needs one", func(t *testing.T) {
		s := subscribed(t)
		licence := s.buy(pricing.ERxLite, 1)[0]
		s.collect()
		s.joins(uma, pricing.Prescriber)
		events := s.do(remove(oona, uma))
		require.Equal(t, group.LicenceUnassigned{Licence: licence, Member: uma, On: day("2024-06-01")}, events[1])
		s.joins(ugo, pricing.Prescriber)
		s.refuses(as(oona, group.ReinstateMember{Member: uma}), "no_free_licence")
		second := s.buy(pricing.ERxLite, 1)[0]
		s.collect()
		events = s.do(as(oona, group.ReinstateMember{Member: uma}))
		require.Equal(t, group.LicenceAssigned{Licence: second, Member: uma, On: day("2024-06-01")}, events[1])
	})
}

func TestEntitlements(t *testing.T) {
	s := onTrial(t, "2024-06-30")
	require.False(t, s.state().Entitled(pricing.OnlineBooking), "BIL-14 e-Rx lite does not include it")
	s.buy(pricing.TherapistPremium, 1)
	require.False(t, s.state().Entitled(pricing.OnlineBooking), "a licence that nobody holds gives nothing")
	s.joins(uma, "")
	require.True(t, s.state().Entitled(pricing.OnlineBooking))
	require.True(t, s.state().EntitledClinician(uma, pricing.OnlineBooking), "BIL-14 so has who holds it")
	require.False(t, s.state().EntitledClinician(oona, pricing.OnlineBooking), "BIL-14 a licence is its holder's")
	require.True(t, s.state().EntitledClinician(oona, pricing.Prescribing))
	require.False(t, s.state().EntitledClinician(nobody, pricing.OnlineBooking))
}
