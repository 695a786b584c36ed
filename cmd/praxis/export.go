package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"praxis/adapters/config"
	"praxis/domain/fault"
	"praxis/domain/id"
)

const exportHelp = `Save the roster of a practice as a file for spreadsheets. It is asked of the server as
the member whose sign-in token stands in PRAXIS_TOKEN, who sees what they may see; the
export is recorded in the practice's access log, with the hash of the file. The file is
there when it is whole and its hash is right, and not before.

The same export with --as-of and the position in the file's last line gives the same
bytes again.`

// exporting is what a file of the roster is asked for.
type exporting struct {
	server, to, reason, asOf, search, status string
	columns, clinicians, branches            []string
	archived, bom                            bool
}

func newExport(s *settings) *cobra.Command {
	var e exporting
	roster := &cobra.Command{
		Use: "roster GROUP", Short: "Save the roster as a file for spreadsheets", Long: exportHelp, Args: exactArgs(1),
		Example: "  PRAXIS_TOKEN=$(praxis token olivia) praxis export roster 018f... --to roster.csv",
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, args []string) error {
			return s.exportRoster(c, cfg, args[0], e)
		}),
	}
	f := roster.Flags()
	f.StringVar(&e.to, "to", "roster.csv", "the file to write")
	f.StringVar(&e.server, "server", "", "the server's URL (default: the server of the data directory)")
	f.StringVar(&e.asOf, "as-of", "", "as of this position or instant in the past")
	f.StringVar(&e.reason, "reason", "", "why, for the record; no personal data")
	f.StringVar(&e.search, "search", "", "only names with words that begin so")
	f.StringVar(&e.status, "status", "", "only charts with this status: active or inactive")
	f.StringSliceVar(&e.columns, "column", nil, "only these columns, in this order")
	f.StringSliceVar(&e.clinicians, "clinician", nil, "only charts of these primaries (ids)")
	f.StringSliceVar(&e.branches, "branch", nil, "only charts of these branches (ids)")
	f.BoolVar(&e.archived, "archived", false, "the archived charts instead of the others")
	f.BoolVar(&e.bom, "bom", false, "begin the file with the byte order mark")
	return parent("export", "Save what the practice has as files", "", roster)
}

var (
	errNoToken  = fault.New(fault.Unauthenticated, "no_token", "PRAXIS_TOKEN holds no sign-in token. Set it to the token of the member who exports.")
	errNoServer = fault.New(fault.Unavailable, "no_server", "No server runs on this data directory. Start one with praxis serve, or name one with --server.")
	errNotWhole = fault.New(fault.Unavailable, "file_not_whole", "The file did not arrive as it was sent. Nothing was saved; export again.")
)

// exported is what is told of a file that was saved.
type exported struct {
	File   string `json:"file"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func (s *settings) exportRoster(c *cobra.Command, cfg config.Config, practice string, e exporting) error {
	group, err := id.Parse[id.Group](practice)
	if err != nil {
		return err
	}
	token := s.variable("PRAXIS_TOKEN")
	if token == "" {
		return errNoToken
	}
	if e.server == "" {
		running, err := runningServer(cfg.DataDir)
		if err != nil {
			return err
		}
		if e.server = running.URL; e.server == "" {
			return errNoServer
		}
	}
	req, err := http.NewRequestWithContext(c.Context(), http.MethodGet, strings.TrimRight(e.server, "/")+"/v1/groups/"+group.String()+"/charts.csv?"+e.query(), nil)
	if err != nil {
		return fault.New(fault.Invalid, "server_unclear", "--server is no URL: %v", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if e.reason != "" {
		req.Header.Set("Praxis-Reason", e.reason)
	}
	done, err := download(req, e.to, newMeter(c.ErrOrStderr(), "roster"))
	if err != nil {
		return err
	}
	return answer(s, c, done, func(w io.Writer, d exported) {
		fmt.Fprintf(w, "%s: %d bytes, SHA-256 %s\n", d.File, d.Bytes, d.SHA256)
	})
}

// query is the question that the flags ask.
func (e exporting) query() string {
	q := url.Values{"column": e.columns, "clinician": e.clinicians, "branch": e.branches}
	for name, value := range map[string]string{"asOf": e.asOf, "search": e.search, "status": e.status} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, set := range map[string]bool{"archived": e.archived, "bom": e.bom} {
		if set {
			q.Set(name, "true")
		}
	}
	return q.Encode()
}

// download saves the answer to a request, whatever its size, and shows how far it is. The
// file appears under its name when all of it is there.
func download(req *http.Request, to string, m *meter) (done exported, err error) {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return done, noAnswer(err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return done, refusalOf(resp)
	}
	file, err := os.CreateTemp(filepath.Dir(to), ".praxis-export-")
	if err != nil {
		return done, fmt.Errorf("save the file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	m.items = "bytes"
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(file, hash, &metered{meter: m, size: resp.ContentLength}), resp.Body)
	m.end()
	sum := hash.Sum(nil)
	whole := "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":"
	if err != nil || resp.Header.Get("Repr-Digest") != whole {
		return done, errors.Join(errNotWhole.Because(err), file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close(), os.Rename(file.Name(), to)); err != nil {
		return done, fmt.Errorf("save the file: %w", err)
	}
	return exported{File: to, Bytes: n, SHA256: fmt.Sprintf("%x", sum)}, nil
}

// metered shows how much was written to it.
type metered struct {
	*meter
	size, written int64
}

func (m *metered) Write(p []byte) (int, error) {
	m.written += int64(len(p))
	if m.size > 0 {
		m.advance(float64(m.written)/float64(m.size), int(m.written))
	}
	return len(p), nil
}

// noAnswer is what is said of a server that cannot be asked.
func noAnswer(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New(fault.Unavailable, "no_answer", "The server does not answer: %v", errors.Unwrap(err))
}

// refusalOf is the problem that the server answered with.
func refusalOf(resp *http.Response) error {
	var p struct{ Code, Detail string }
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(&p); err != nil || p.Code == "" {
		return fault.New(fault.Unavailable, "no_answer", "The server answers with status %d. Is it a Praxis?", resp.StatusCode)
	}
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		return fault.New(fault.Forbidden, "export_not_allowed", "The server refuses the export: %s (%s)", p.Detail, p.Code)
	}
	return fault.New(fault.Rejected, "export_refused", "The server refuses the export: %s (%s)", p.Detail, p.Code)
}
