"""How the simulated model works on each kind of question: its general competence, without what lessons.py can teach."""
