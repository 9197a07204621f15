from django.urls import path

from labs.views import bench, runs

app_name = "labs"
urlpatterns = [
    path("labs/<slug:key>/", bench.lab_detail, name="lab-detail"),
    path("labs/<slug:key>/predictions/", bench.prediction_create, name="prediction-create"),
    path("labs/<slug:key>/final/", bench.final_open, name="final-open"),
    path("labs/<slug:key>/runs/", bench.run_create, name="run-create"),
    path("labs/<slug:key>/runs/all/", runs.run_list, name="run-list"),
    path("labs/<slug:key>/tries/", bench.try_create, name="try-create"),
    path("labs/<slug:key>/reconciliation/", bench.reconcile_create, name="reconcile-create"),
    path("runs/<int:pk>/", runs.run_detail, name="run-detail"),
    path("runs/<int:pk>/status/", runs.run_status, name="run-status"),
    path("runs/<int:pk>/cancel/", runs.run_cancel, name="run-cancel"),
    path("runs/<int:pk>/data.<str:form>", runs.run_data, name="run-data"),
    path("labs-queue/", runs.queue_status, name="queue-status"),
]
