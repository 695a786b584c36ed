package group

import (
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// TraineeProofSubmitted says that somebody claims to be in training. The person
// is a member, or somebody yet to be invited, known by the hash of their address.
type TraineeProofSubmitted struct {
	Proof     id.TraineeProof     `json:"proof"`
	Member    id.Member           `json:"member,omitzero"`
	EmailHash string              `json:"emailHash,omitempty"`
	Kind      pricing.TraineeKind `json:"kind"`
	Programme string              `json:"programme"`
	// ValidFrom and ValidUntil are the first and the last day of validity.
	ValidFrom  civil.Date `json:"validFrom"`
	ValidUntil civil.Date `json:"validUntil"`
	// DocHash recognises the document; the document itself is not in the log.
	DocHash     string    `json:"docHash"`
	SubmittedBy id.Member `json:"submittedBy"`
}

// TraineeProofVerified says that somebody other than the trainee checked the proof.
type TraineeProofVerified struct {
	Proof      id.TraineeProof `json:"proof"`
	VerifiedBy id.Member       `json:"verifiedBy"`
	On         civil.Date      `json:"on"`
}

// TraineeProofExpiring warns once per proof and threshold (BIL-A10).
type TraineeProofExpiring struct {
	Proof id.TraineeProof `json:"proof"`
	// Threshold is 30 or 7, in days before the end of validity.
	Threshold  int        `json:"threshold"`
	ValidUntil civil.Date `json:"validUntil"`
	On         civil.Date `json:"on"`
}

// TraineeProofExpired says that the last day of validity is over. The full price
// is due from the next period on, never backwards (AMB-9).
type TraineeProofExpired struct {
	Proof id.TraineeProof `json:"proof"`
	On    civil.Date      `json:"on"`
}
