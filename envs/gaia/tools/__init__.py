"""What a GAIA agent works with: the attached files, Python, a web to search and visit. kit.py joins the parts."""
