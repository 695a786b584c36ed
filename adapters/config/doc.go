// Package config is the one configuration of the praxis binary, read from
// environment variables into a typed value. It reports every problem at once,
// refuses combinations that would be unsafe, and never shows a secret. The
// package imports adapters/loopback, domain/fault and caarlos0/env; nothing else
// reads the environment.
package config
