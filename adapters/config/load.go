package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"praxis/domain/fault"
)

// ErrInvalid is what every error of Load wraps.
var ErrInvalid = fault.New(fault.Invalid, "configuration_invalid", "The configuration is not valid. Run praxis config check to see every problem.")

// Problem is one thing wrong with the configuration. It never holds the value of a secret.
type Problem struct {
	// Name is the variable to change.
	Name string
	// Wrong completes a sentence that begins with the name.
	Wrong string
	// Example is an assignment that would do.
	Example string
}

// String returns the problem as one line.
func (p Problem) String() string {
	return fmt.Sprintf("%s %s, for example %s", p.Name, p.Wrong, p.Example)
}

// Problems is everything that is wrong with the configuration, as one error.
type Problems []Problem //nolint:errname // Its callers range over it; that it is an error as well comes second.

// Error lists the problems, one in each line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes the error one of fault.Invalid.
func (p Problems) Unwrap() error { return ErrInvalid }

// Load reads the configuration from an environment in the form of os.Environ. A
// variable that is set but blank counts as not set. The error is Problems and
// tells all of them at once.
func Load(environ []string) (Config, error) {
	table := settings()
	values := readEnviron(environ)
	c := Config{Warnings: unknownNames(values, table), given: map[string]bool{}}
	problems := readSecretFiles(values, table)
	for _, s := range table {
		value := values[s.name]
		c.given[s.name] = value != ""
		if value != "" && s.must.isMet != nil && !s.must.isMet(value) {
			problems = append(problems, s.problem("must be "+s.must.wants))
			delete(values, s.name)
		}
	}
	if err := env.ParseWithOptions(&c, env.Options{Environment: values}); err != nil {
		// A defect of the rules. The library's errors repeat values, ours do not.
		return Config{}, fmt.Errorf("config: read the environment: unforeseen %T", err)
	}
	if c.given["PRAXIS_OPERATORS"] {
		c.Operators = listOf(values["PRAXIS_OPERATORS"])
	}
	problems = append(problems, checkRules(c, problems)...)
	if len(problems) > 0 {
		return Config{}, problems
	}
	if !c.given["PRAXIS_PUBLIC_URL"] && !isLoopbackListen(c) {
		c.Warnings = append(c.Warnings, fmt.Sprintf("PRAXIS_PUBLIC_URL is not set: links will point to %s", c.BaseURL()))
	}
	if c.SMTPAddress != "" && c.InvitationLink == "" {
		c.Warnings = append(c.Warnings, "PRAXIS_INVITATION_LINK is not set: mails of invitations name an operation of the API, which nobody can open in a browser")
	}
	return c, nil
}

// readEnviron returns the variables that are not blank. Like a shell, it takes the last of two.
func readEnviron(environ []string) map[string]string {
	values := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, found := strings.Cut(entry, "=")
		if !found || name == "" {
			continue
		}
		delete(values, name)
		if value = strings.TrimSpace(value); value != "" {
			values[name] = value
		}
	}
	return values
}

// concern reports whether a problem is already known about the variable.
func (p Problems) concern(names ...string) bool {
	return slices.ContainsFunc(p, func(problem Problem) bool {
		return slices.Contains(names, strings.TrimSuffix(problem.Name, "_FILE"))
	})
}
