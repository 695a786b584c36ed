package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

func TestTraineeProofs(t *testing.T) {
	submit := group.SubmitTraineeProof{
		Proof: proofOf(uma), Member: uma, Kind: pricing.NonPrescriberTrainee, Programme: "Internship",
		ValidFrom: day("2024-06-01"), ValidUntil: day("2024-07-15"), DocHash: "sha256",
	}
	verify := group.VerifyTraineeProof{Proof: proofOf(uma), Accredited: true}
	// training is a practice with a therapist, uma, who pays in full.
	training := func(t *testing.T) *story {
		s := subscribed(t)
		s.buy(pricing.TherapistBasic, 1)
		s.collect()
		s.joins(uma, pricing.Therapist)
		return s
	}
	t.Run("a proof says who, what, where and until when", func(t *testing.T) {
		s := training(t)
		s.do(as(oona, submit))
		s.refuses(as(oona, submit), "proof_exists")
		for code, change := range map[string]func(*group.SubmitTraineeProof){
			"proof_invalid_dates":  func(c *group.SubmitTraineeProof) { c.ValidUntil = day("2024-05-31") },
			"id_required":          func(c *group.SubmitTraineeProof) { c.DocHash = "" },
			"unknown_trainee_kind": func(c *group.SubmitTraineeProof) { c.Kind = "eternal" },
			"trainee_required":     func(c *group.SubmitTraineeProof) { c.EmailHash = "both" },
			"member_not_found":     func(c *group.SubmitTraineeProof) { c.Member = nobody },
			"name_required":        func(c *group.SubmitTraineeProof) { c.Programme = " " },
		} {
			c := submit
			c.Proof = id.Derive[id.TraineeProof]("another")
			change(&c)
			s.refuses(as(oona, c), code)
		}
		past := submit
		past.Proof, past.ValidFrom, past.ValidUntil = id.Derive[id.TraineeProof]("past"), day("2024-01-01"), day("2024-05-31")
		s.refuses(as(oona, past), "proof_invalid_dates")
	})
	t.Run("BIL-10 a proof ends within ten years", func(t *testing.T) {
		s := training(t)
		for _, until := range []string{civil.DateOf(s.now).Add(3654).String(), "9999-12-31"} {
			c := submit
			c.ValidUntil = day(until)
			s.refuses(as(oona, c), "proof_invalid_dates")
		}
		c := submit
		c.ValidUntil = civil.DateOf(s.now).Add(3653)
		s.do(as(oona, c))
	})
	t.Run("nobody verifies their own, and only accredited programmes count", func(t *testing.T) {
		s := training(t)
		s.refuses(as(oona, verify), "proof_not_found")
		s.do(as(oona, submit))
		s.refuses(as(uma, verify), "self_verification_forbidden")
		other := verify
		other.Accredited = false
		s.refuses(as(oona, other), "not_accredited")
		s.otherwise().on("2024-07-16").refuses(as(oona, verify), "proof_invalid_dates")
		s.do(as(oona, verify))
		s.ignores(as(oona, verify))
	})
	t.Run("self-verification by the address is refused too", func(t *testing.T) {
		s := training(t)
		c := submit
		c.Member, c.EmailHash = id.Member{}, hashOf(uma)
		s.do(as(oona, c))
		s.refuses(as(uma, verify), "self_verification_forbidden")
	})
	t.Run("L-8 AMB-9 a proof counts from the next period on, and never backwards", func(t *testing.T) {
		s := training(t)
		s.do(as(oona, submit))
		next, err := s.state().NextInvoice(book)
		require.NoError(t, err)
		require.Equal(t, usd(8900+4900), next.Total, "unverified is no proof")
		s.do(as(oona, verify))
		require.Empty(t, s.open(), "nothing is given back for June")
		july := s.roll("2024-07-01")
		require.Equal(t, usd(8900), july.Total, "free from July")
		require.Len(t, july.Lines, 2, "BIL-T32 shown at 0")
		require.Equal(t, usd(9300+4900), s.roll("2024-08-01").Total, "BIL-A9 the proof must hold on the first day of each period")
	})
	t.Run("BIL-A10 the repricing is told, with its reason", func(t *testing.T) {
		s := training(t)
		s.do(as(oona, submit))
		s.do(as(oona, verify))
		events := s.on("2024-07-01").do(at(book, group.RollBillingPeriod{}))
		repriced := events[1].(group.LicencesRepriced)
		require.Equal(t, group.RepricedByTraineeStatus, repriced.Reason)
		require.Equal(t, pricing.Discount{Num: 0, Den: 1, Proof: proofOf(uma)}, repriced.Changes[0].To.Discount)
		events = s.on("2024-08-01").do(at(book, group.RollBillingPeriod{}))
		require.Equal(t, pricing.FullPrice(), events[1].(group.LicencesRepriced).Changes[0].To.Discount)
		require.Equal(t, group.RepricedByBook, events[2].(group.LicencesRepriced).Reason, "L-1 new prices, too")
	})
	t.Run("BIL-A10 warned 30 and 7 days before, each once, then told that it ended", func(t *testing.T) {
		s := training(t)
		s.do(as(oona, submit))
		s.on("2024-06-15").ignores(group.WatchTraineeProofs{})
		s.do(as(oona, verify))
		s.on("2024-06-14").ignores(group.WatchTraineeProofs{})
		expiring := func(threshold int, on string) []group.Event {
			return []group.Event{group.TraineeProofExpiring{Proof: proofOf(uma), Threshold: threshold, ValidUntil: day("2024-07-15"), On: day(on)}}
		}
		require.Equal(t, expiring(30, "2024-06-15"), s.on("2024-06-15").do(group.WatchTraineeProofs{}))
		s.ignores(group.WatchTraineeProofs{})
		s.on("2024-07-07").ignores(group.WatchTraineeProofs{})
		require.Equal(t, expiring(7, "2024-07-08"), s.on("2024-07-08").do(group.WatchTraineeProofs{}))
		s.on("2024-07-15").ignores(group.WatchTraineeProofs{})
		require.Equal(t, []group.Event{group.TraineeProofExpired{Proof: proofOf(uma), On: day("2024-07-16")}}, s.on("2024-07-16").do(group.WatchTraineeProofs{}))
		s.ignores(group.WatchTraineeProofs{})
	})
	t.Run("BIL-A10 a proof verified late is warned of once only", func(t *testing.T) {
		s := training(t)
		s.do(as(oona, submit))
		s.on("2024-07-10").do(at(book, group.RollBillingPeriod{}))
		s.do(as(oona, verify))
		require.Equal(t, 7, s.do(group.WatchTraineeProofs{})[0].(group.TraineeProofExpiring).Threshold)
		s.ignores(group.WatchTraineeProofs{})
	})
	t.Run("who has a later proof is not warned of the earlier", func(t *testing.T) {
		s := training(t)
		s.do(as(oona, submit))
		s.do(as(oona, verify))
		later := submit
		later.Proof, later.ValidFrom, later.ValidUntil = id.Derive[id.TraineeProof]("later"), day("2024-07-16"), day("2025-07-15")
		s.do(as(oona, later))
		second := verify
		second.Proof = later.Proof
		s.do(as(oona, second))
		s.on("2024-07-08").ignores(group.WatchTraineeProofs{})
	})
}
