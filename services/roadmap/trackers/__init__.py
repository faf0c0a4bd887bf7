"""Issues of GitHub, GitLab, Jira and Linear that stand for work on features and requirements."""
