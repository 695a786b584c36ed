package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"praxis/cmd/praxis/bench"
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/fault"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/projections/roster"
)

// practice is a small practice to send commands to.
type practice struct {
	account id.Account
	group   id.Group
	member  id.Member
	chart   id.Chart
}

// commands measures commands through Execute and through HTTP, and how long
// they take to reach a read model.
func (b *benchmark) commands(ctx context.Context, client bench.Row) error {
	s := &server{installation: b.installation, url: "http://127.0.0.1"}
	handler, err := s.handler()
	if err != nil {
		return err
	}
	p, token, err := s.found(ctx)
	if err == nil {
		err = b.execute(ctx, s, p, client)
	}
	if err == nil {
		err = b.http(ctx, handler, p, token, client)
	}
	if err == nil {
		err = b.lag(ctx, s, p)
	}
	return err
}

// found makes the practice as the first of the demo's people.
func (s *server) found(ctx context.Context) (p practice, token string, err error) {
	if token, err = s.issuer.Token("olivia"); err != nil {
		return p, "", err
	}
	who, err := s.issuer.Verifier().Verify(ctx, token)
	if err != nil {
		return p, "", err
	}
	p = practice{account: who.Account, group: id.New[id.Group](), member: id.New[id.Member](), chart: id.New[id.Chart]()}
	if _, err = commands.CreateGroup.Give(ctx, s.engine, p.call(), group.CreateGroup{
		Group: p.group, Name: "Bench", Owner: p.member, OwnerIsClinician: true, BillingZone: "UTC", Currency: "USD",
		DefaultBranch: id.New[id.Branch](), DefaultBranchName: "Main",
	}); err != nil {
		return p, "", err
	}
	grant := group.GrantPermission{Member: p.member, Capability: access.ChartCreate, Scope: access.ScopeGroup}
	if _, err = commands.GrantPermission.Give(ctx, s.engine, p.call(), grant); err != nil {
		return p, "", err
	}
	_, err = commands.CreateChart.Give(ctx, s.engine, p.call(), chart.CreateChart{Chart: p.chart, Patient: chart.Demographics{FamilyName: "Bench"}})
	return p, token, err
}

// call is a new intention of the owner.
func (p practice) call() commands.Call {
	return commands.Call{Account: p.account, Group: p.group, Command: id.New[id.Command]()}
}

// toggle changes the chart's status to and fro: a command that always appends.
func toggle(i int) chart.ChangeStatus {
	if i%2 == 0 {
		return chart.ChangeStatus{To: chart.Inactive}
	}
	return chart.ChangeStatus{To: chart.Active}
}

func (b *benchmark) execute(ctx context.Context, s *server, p practice, client bench.Row) error {
	row, err := bench.Times("command: warm, through Execute", 1, b.n, func(_, i int) error {
		_, err := commands.ChangeChartStatus.Give(ctx, s.engine, p.call(), p.chart, toggle(i))
		return err
	})
	if _, err := b.add(row.Over(client).AtMost(2), err); err != nil {
		return err
	}
	// A new engine has folded nothing yet: it reads both streams from their beginning.
	const cold = 100
	row, err = bench.Times(fmt.Sprintf("command: cold, %d events to fold", b.n), 1, cold, func(_, i int) error {
		engine := commands.NewEngine(commands.Config{Store: b.store, Registry: b.registry, Clock: now, Logger: b.logger})
		_, err := commands.ChangeChartStatus.Give(ctx, engine, p.call(), p.chart, toggle(b.n+i))
		return err
	})
	_, err = b.add(row.Over(client), err)
	return err
}

func (b *benchmark) http(ctx context.Context, handler http.Handler, p practice, token string, client bench.Row) (err error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	web := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}
	var serving errgroup.Group
	serving.Go(func() error { return web.Serve(listener) })
	defer func() {
		closed := errors.Join(web.Close(), serving.Wait())
		if !errors.Is(closed, http.ErrServerClosed) {
			err = errors.Join(err, closed)
		}
	}()
	chart := fmt.Sprintf("http://%s/v1/groups/%s/charts/%s", listener.Addr(), p.group, p.chart)
	send := func(method, url, body string) error { return sendCommand(ctx, method, url, token, body) }
	row, err := bench.Times("command: warm, through HTTP", 1, b.n, func(_, i int) error {
		return send(http.MethodPut, chart+"/status", fmt.Sprintf(`{"status":%q}`, toggle(i).To))
	})
	if _, err = b.add(row.Over(client), err); err != nil {
		return err
	}
	payments := fmt.Sprintf("%s/payments?clinician=%s", chart, p.member)
	row, err = bench.Times("50 payments at once on one ledger", 50, 50*20, func(_, i int) error {
		return send(http.MethodPost, payments, fmt.Sprintf(`{"amount":{"minor":%d,"currency":"USD"},"method":"cash","receivedOn":"2026-01-05"}`, i+1))
	})
	_, err = b.add(row.Over(client).Within(time.Second, time.Second), err)
	return err
}

// sendCommand sends a command; every answer but 200 is an error.
func sendCommand(ctx context.Context, method, url, token, body string) error {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", resp.StatusCode, answer)
	}
	return nil
}

// lag measures how long after its acknowledgement a command shows in the roster.
func (b *benchmark) lag(ctx context.Context, s *server, p practice) error {
	running, stop := context.WithCancel(ctx)
	var following errgroup.Group
	following.Go(func() error { return ignoreCancelled(running, b.follow(running)) })
	show := func(i int) (time.Duration, error) {
		receipt, err := commands.ChangeChartStatus.Give(ctx, s.engine, p.call(), p.chart, toggle(i))
		if err != nil {
			return 0, err
		}
		acknowledged := time.Now()
		// A slow machine is a slow figure: waiting goes on after what a query would wait.
		for {
			err = b.runner.WaitFor(ctx, receipt.Position, roster.Name)
			if fault.From(err) == nil || fault.From(err).Code != "read_model_behind" {
				return time.Since(acknowledged), err
			}
		}
	}
	// The first one also waits for the read model to follow all that went before.
	_, err := show(0)
	var row bench.Row
	if err == nil {
		row, err = bench.Spans("live lag: acknowledged to row", 1, b.n/4, func(_, i int) (time.Duration, error) { return show(i + 1) })
	}
	_, err = b.add(row.Within(50*time.Millisecond, 250*time.Millisecond), err)
	stop()
	return errors.Join(err, following.Wait())
}
