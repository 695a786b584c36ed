package httpapi

import (
	"net/http"

	"praxis/adapters/erasure"
	"praxis/adapters/readiness"
)

func systemHandlers() Handlers {
	return Handlers{
		"health": health, "readiness": ready, "metrics": metrics, "openapi": openapi,
		"me": me, "forgetContact": forgetContact, "receiveCardMessage": receiveCardMessage,
	}
}

func health(x *Exchange) error {
	return x.Reply(map[string]string{"status": "ok", "version": x.API.Version})
}

func ready(x *Exchange) error {
	answer := struct {
		Ready       bool              `json:"ready"`
		Parts       map[string]string `json:"parts"`
		Degraded    []string          `json:"degraded,omitempty"`
		Unavailable []string          `json:"unavailable,omitempty"`
	}{Ready: true, Parts: map[string]string{}}
	status := http.StatusOK
	for _, f := range x.API.Ready(x.Ctx()) {
		answer.Parts[f.Part] = string(f.State)
		if f.State == readiness.Ready {
			continue
		}
		// Operators see the stable code and its advice; causes stay in the log.
		answer.Parts[f.Part] = f.Fault.Code + ": " + f.Fault.Message
		if f.State == readiness.Degraded {
			answer.Degraded = append(answer.Degraded, f.Part)
			continue
		}
		answer.Unavailable = append(answer.Unavailable, f.Part)
		answer.Ready, status = false, http.StatusServiceUnavailable
	}
	return x.replyAs(status, answer)
}

func metrics(x *Exchange) error {
	if x.API.Metrics == nil {
		return errNoSuchPath
	}
	x.API.Metrics.ServeHTTP(x.W, x.R)
	return nil
}

func openapi(x *Exchange) error {
	x.W.Header().Set("Content-Type", "application/json")
	x.W.WriteHeader(http.StatusOK)
	_, err := x.W.Write(x.API.doc.json)
	return err
}

func me(x *Exchange) error {
	membership, err := x.API.Engine.MembershipOf(x.Ctx(), x.principal.Account)
	if err != nil {
		return err
	}
	answer := struct {
		Account string `json:"account"`
		Name    string `json:"name,omitempty"`
		Group   string `json:"group,omitempty"`
		Member  string `json:"member,omitempty"`
		Role    string `json:"role,omitempty"`
	}{Account: x.principal.Account.String(), Name: x.principal.Name}
	if !membership.Group.IsZero() {
		answer.Group, answer.Member, answer.Role = membership.Group.String(), membership.Member.String(), string(membership.Role)
	}
	return x.Reply(answer)
}

// forgetContact erases the name and the address of the caller. They are known
// again with the next request, because it says who is asking.
func forgetContact(x *Exchange) error {
	call, err := x.Call()
	if err != nil {
		return err
	}
	if _, err := x.API.Erasure.Forget(x.Ctx(), erasure.Request{Account: call.Account, Address: call.Email, DryRun: call.DryRun}); err != nil {
		return err
	}
	outcome := outcomeDone
	if call.DryRun {
		outcome = outcomeDryRun
	}
	return x.Reply(map[string]string{"outcome": outcome})
}

// receiveCardMessage takes what the card processor says by itself. The signature
// over the body is what authenticates it, so it has no token.
func receiveCardMessage(x *Exchange) error {
	if err := x.API.limiter.allow("cards:" + remoteHost(x.R)); err != nil {
		return err
	}
	if err := x.API.Cards.Receive(x.Ctx(), x.requestID, x.R.Header, x.body); err != nil {
		return err
	}
	return x.Reply(map[string]bool{"received": true})
}
