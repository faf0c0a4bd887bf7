"""A client in Python, generated from the document: python call.py URL KEY"""

import sys

from fullcircle_client import AuthenticatedClient
from fullcircle_client.api.strategy import objective_create, objective_get
from fullcircle_client.api.workspace import me_get
from fullcircle_client.models import MeRead, ObjectiveCreate, ObjectiveRead

url, key = sys.argv[1:]
with AuthenticatedClient(base_url=url, token=key) as client:
    me = me_get.sync(client=client)
    assert isinstance(me, MeRead), me
    objective = objective_create.sync(client=client, body=ObjectiveCreate(title="Generated models import"))
    assert isinstance(objective, ObjectiveRead), objective
    again = objective_get.sync(objective.id, client=client)
    assert isinstance(again, ObjectiveRead), again
    print(again.title)
