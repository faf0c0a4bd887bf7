"""Teams of any function: their people, skills, working days and absences, and what that lets them do."""
