package pricing

import (
	"cmp"
	"math/bits"

	"praxis/domain/id"
)

// Discount is the part of the list price that is paid, and why. It is kept as a
// fraction, never as a rounded percentage (AMB-6).
type Discount struct {
	// Num / Den of the price is paid: 1/1 in full, 1/2, or 0/1 for free.
	Num int64 `json:"num"`
	Den int64 `json:"den"`
	// Proof is the verified proof behind it; zero for the full price.
	Proof id.TraineeProof `json:"proof,omitzero"`
}

// FullPrice is no discount.
func FullPrice() Discount { return Discount{Num: 1, Den: 1} }

// Full reports whether the whole price is paid.
func (d Discount) Full() bool { return d.Num == d.Den }

// Free reports whether nothing is paid.
func (d Discount) Free() bool { return d.Num == 0 }

// NoMoreThan reports whether d leaves a price at most as high as o does.
func (d Discount) NoMoreThan(o Discount) bool { return d.compare(o) <= 0 }

// Same reports whether the same part is paid, whatever the proof.
func (d Discount) Same(o Discount) bool { return d.compare(o) == 0 }

// compare says which of two parts is larger, by products that hold 128 bits. Parts
// are not negative.
func (d Discount) compare(o Discount) int {
	hi, lo := bits.Mul64(uint64(d.Num), uint64(o.Den))
	high, low := bits.Mul64(uint64(o.Num), uint64(d.Den))
	return cmp.Or(cmp.Compare(hi, high), cmp.Compare(lo, low))
}

// TraineeKind is what somebody is in training for.
type TraineeKind string

// The kinds of trainees.
const (
	// NonPrescriberTrainee is free on therapist plans (L-8, BIL-10).
	NonPrescriberTrainee TraineeKind = "non_prescriber"
	// PrescriberTrainee pays half on prescriber plans, and only there (L-9, BIL-11).
	PrescriberTrainee TraineeKind = "prescriber"
)

// Known reports whether k is one of the kinds.
func (k TraineeKind) Known() bool { return k == NonPrescriberTrainee || k == PrescriberTrainee }

// DiscountOn returns what a trainee of the kind pays on a plan, with the given
// verified proof: the full price where the kind gives none.
func (k TraineeKind) DiscountOn(p PlanID, proof id.TraineeProof) Discount {
	plan, _ := PlanOf(p)
	switch {
	case k == NonPrescriberTrainee && plan.Category == Therapist:
		return Discount{Num: 0, Den: 1, Proof: proof}
	case k == PrescriberTrainee && plan.Category == Prescriber:
		return Discount{Num: 1, Den: 2, Proof: proof}
	}
	return FullPrice()
}
