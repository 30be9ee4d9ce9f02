"""Checkers: scripts that run a tool and mail only what is wrong (presets, script, cron folder)."""
