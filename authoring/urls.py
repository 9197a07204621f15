from typing import Any

app_name = "authoring"
urlpatterns: list[Any] = []
