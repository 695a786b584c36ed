package demo

import (
	"context"
	"net/http"
)

// docHash stands for the SHA-256 of a trainee's document.
const docHash = "5f0c2b7e9d4a18c36e71b08f2da95c4473be610d8fa2967c15e3480bd9c7a26f"

// loadSubscription starts the subscription with the owner's own trial: a licence
// on their plan for every clinician, a trainee's at the price that their proof
// gives. A trial needs no quoted total, so asking again is the same request.
func (l *Loader) loadSubscription(ctx context.Context) error {
	var seats []object
	for _, p := range staff() {
		if !p.isClinician {
			continue
		}
		if p.isTrainee {
			if err := l.loadProof(ctx, p); err != nil {
				return err
			}
		}
		seats = append(seats, object{"member": l.members[p.Subject], "plan": p.plan, "profession": p.profession})
	}
	if _, err := l.command(ctx, owner.Subject, http.MethodPost, l.path("/subscription/trial"), "trial", object{"seats": seats}); err != nil {
		return err
	}
	_, err := l.command(ctx, owner.Subject, http.MethodPut, l.path("/subscription/payment-method"), "payment-method", object{
		"method": "sim_ok", "label": "Simulated card",
	})
	return err
}

// loadProof submits a proof of training as the owner; the super admin, to whom
// that is delegated, verifies it.
func (l *Loader) loadProof(ctx context.Context, trainee Person) error {
	path := l.path("/members/%s/trainee-proofs", l.members[trainee.Subject])
	proof, err := l.command(ctx, owner.Subject, http.MethodPost, path, "proof/"+trainee.Subject, object{
		"kind": "non_prescriber", "programme": "Predoctoral internship in psychology", "docHash": docHash,
		"validFrom": l.Today.AddDate(0, -1, 0).Format(day), "validUntil": l.Today.AddDate(1, 0, 0).Format(day),
	})
	if err != nil {
		return err
	}
	_, err = l.command(ctx, "sam", http.MethodPost, l.path("/trainee-proofs/%s/verify", proof), "verify/"+trainee.Subject, object{"accredited": true})
	return err
}
