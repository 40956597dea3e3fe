"""Organizations, stakeholder types, affiliations and their verification."""
