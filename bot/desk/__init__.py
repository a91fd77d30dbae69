"""The staff's desk: server-rendered pages under /desk (docs/desk.md)."""
